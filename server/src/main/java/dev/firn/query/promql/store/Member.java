package dev.firn.query.promql.store;

/// A stored series, as one or several of Prometheus' show it.
record Member(Family family, Form form, long seriesId) {
    /// Where its points are.
    String table() {
        return switch (family.type()) {
            case GAUGE, SUM -> "samples";
            case HISTOGRAM -> "histograms";
            case EXPONENTIAL_HISTOGRAM -> "exponential_histograms";
            case SUMMARY -> "summaries";
        };
    }

    /// For a list of keys in SQL.
    String key() {
        return "(" + family.id() + "," + seriesId + ")";
    }
}
