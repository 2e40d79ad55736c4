package dev.firn.analyse.anomaly;

/// Surprise at a value after the two before it, all in a few symbols: −log of how often this one
/// followed those two.
final class Context {
    private static final int SYMBOLS = 6;
    private static final double PRIOR = 0.5;

    private final float[] counts = new float[SYMBOLS * SYMBOLS * SYMBOLS];
    private int before;

    /// @param z the value in standard deviations
    double surprise(double z) {
        int from = before * SYMBOLS;
        double seen = 0;
        for (int i = 0; i < SYMBOLS; i++) {
            seen += counts[from + i];
        }
        double here = counts[from + symbol(z)];
        return -Math.log((here + PRIOR) / (seen + PRIOR * SYMBOLS));
    }

    void learn(double z) {
        int symbol = symbol(z);
        counts[before * SYMBOLS + symbol]++;
        before = (before * SYMBOLS + symbol) % (SYMBOLS * SYMBOLS);
    }

    private static int symbol(double z) {
        return (int) Math.clamp(Math.floor(z) + SYMBOLS / 2, 0, SYMBOLS - 1);
    }

    void fields(Fields fields) {
        fields.of(counts);
        before = fields.of(before);
    }
}
