package dev.firn.ops.load;

/// The header of a metric, with its place in the shop's list of metrics.
record MetricInfo(
        int index,
        String name,
        String unit,
        String description,
        Kind kind,
        Temporality temporality,
        boolean monotonic) {

    /// The type of a metric's points, named as in the ledger.
    enum Kind {
        GAUGE,
        SUM,
        HISTOGRAM,
        EXPONENTIAL_HISTOGRAM,
        SUMMARY;

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// OTLP's aggregation temporality; the number is the enum's on the wire.
    enum Temporality {
        NONE(0),
        DELTA(1),
        CUMULATIVE(2);

        final int wire;

        Temporality(int wire) {
            this.wire = wire;
        }

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// Name, description and unit as encoded fields of `Metric`.
    byte[] header() {
        var writer = new ProtobufWriter(256);
        writer.string(3, unit);
        writer.string(2, description);
        writer.string(1, name);
        return writer.toBytes();
    }

    /// Closes a metric whose data points were written since `mark`; `header` is [#header].
    void close(ProtobufWriter writer, int mark, byte[] header) {
        int data =
                switch (kind) {
                    case GAUGE -> 5;
                    case SUM -> 7;
                    case HISTOGRAM -> 9;
                    case EXPONENTIAL_HISTOGRAM -> 10;
                    case SUMMARY -> 11;
                };
        writer.message(data, mark);
        writer.raw(header);
        writer.message(2, mark);
    }

    /// The fields after the data points, written before them because writing goes backwards.
    void open(ProtobufWriter writer) {
        if (kind == Kind.SUM && monotonic) {
            writer.varint(3, 1);
        }
        if (temporality != Temporality.NONE) {
            writer.varint(2, temporality.wire);
        }
    }
}
