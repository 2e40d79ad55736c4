package dev.firn.model;

/// How many of a histogram's measurements are at most some threshold: exact if the threshold is a
/// bound of a bucket, else between what the buckets below hold and what the bucket around it may
/// add.
///
/// @param lower surely at most the threshold
/// @param upper at most those, never below `lower`
/// @param estimate by interpolation inside the bucket: linear in explicit buckets, log-linear in
///   exponential ones, as Prometheus does it
/// @param below lower edge of the bucket around the threshold, NaN if the count is exact
/// @param above its upper edge, possibly infinite; NaN if the count is exact
public record EventBounds(long lower, long upper, double estimate, double below, double above) {
    public EventBounds {
        if (lower < 0 || upper < lower) {
            throw new IllegalArgumentException(lower + " to " + upper + " are no bounds");
        }
    }

    /// A count without doubt.
    public static EventBounds exact(long count) {
        return new EventBounds(count, count, count, Double.NaN, Double.NaN);
    }

    /// Exact if the bucket around the threshold turned out to be empty.
    static EventBounds within(long lower, long inside, double share, double below, double above) {
        return inside == 0
                ? exact(lower)
                : new EventBounds(lower, lower + inside, lower + inside * share, below, above);
    }
}
