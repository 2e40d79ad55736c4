package dev.firn.query.promql.value;

/// Histograms with exponential and with custom buckets cannot be added.
public final class IncompatibleBucketsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    IncompatibleBucketsException() {
        super(
                "cannot apply this operation on histograms with a mix of exponential and custom buckets");
    }
}
