package dev.firn.analyse.anomaly;

/// The mean of the last K values and of the 4K before them, for several K, over one ring.
final class Window {
    static final int BEFORE = 4;

    private final int[] lengths;
    private final float[] ring;
    private final double[] now;
    private final double[] before;
    private long pushed;

    /// @param lengths the Ks, ascending
    Window(int... lengths) {
        this.lengths = lengths.clone();
        ring = new float[lengths[lengths.length - 1] * (1 + BEFORE)];
        now = new double[lengths.length];
        before = new double[lengths.length];
    }

    void push(double value) {
        float rounded = (float) value;
        for (int i = 0; i < lengths.length; i++) {
            int k = lengths[i];
            double middle = at(k);
            now[i] += rounded - middle;
            before[i] += middle - at(k * (1 + BEFORE));
        }
        ring[(int) (pushed % ring.length)] = rounded;
        pushed++;
        if (pushed % ring.length == 0) {
            sumAfresh();
        }
    }

    /// The value `ago` pushes ago, 0 before the first.
    private double at(int ago) {
        return pushed < ago ? 0 : ring[(int) ((pushed - ago) % ring.length)];
    }

    /// Running sums keep what a huge value's rounding left in them; this ends it once a round.
    private void sumAfresh() {
        for (int i = 0; i < lengths.length; i++) {
            now[i] = 0;
            before[i] = 0;
            for (int ago = 1; ago <= lengths[i] * (1 + BEFORE); ago++) {
                if (ago <= lengths[i]) {
                    now[i] += at(ago);
                } else {
                    before[i] += at(ago);
                }
            }
        }
    }

    boolean known(int i) {
        return pushed >= (long) lengths[i] * (1 + BEFORE);
    }

    double mean(int i) {
        return now[i] / lengths[i];
    }

    double meanBefore(int i) {
        return before[i] / (lengths[i] * BEFORE);
    }

    void fields(Fields fields) {
        fields.of(ring);
        fields.of(now);
        fields.of(before);
        pushed = fields.of(pushed);
    }
}
