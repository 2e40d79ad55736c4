package dev.firn.ops.load;

/// The shape of a route's durations: log-normal, or a mix of two (a cache hit and a miss).
///
/// @param medianMillis of the first mode
/// @param sigma deviation of the logarithm
/// @param slowShare share of requests in the second mode
/// @param slowMedianMillis of the second mode
/// @param zeroShare share of requests that take less than a tick (an empty answer from memory)
record Latency(
        double medianMillis,
        double sigma,
        double slowShare,
        double slowMedianMillis,
        double zeroShare) {
    /// Sampled durations: a request draws one of them.
    static final int SAMPLES = 1 << 12;

    private static final long SHORTEST = Layout.TICKS / 1024;
    private static final long LONGEST = 30L * Layout.TICKS;

    static Latency of(double medianMillis, double sigma) {
        return new Latency(medianMillis, sigma, 0, 0, 0);
    }

    Latency slow(double share, double millis) {
        return new Latency(medianMillis, sigma, share, millis, zeroShare);
    }

    Latency zero(double share) {
        return new Latency(medianMillis, sigma, slowShare, slowMedianMillis, share);
    }

    /// The samples in ticks, each times `factor`, with the bucket of each.
    Table table(Layout layout, double factor) {
        var chance = Chance.of(7, toString());
        int[] ticks = new int[SAMPLES];
        short[] buckets = new short[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            ticks[i] = sample(chance, factor);
            buckets[i] = (short) layout.bucketOf(ticks[i]);
        }
        return new Table(ticks, buckets);
    }

    private int sample(Chance chance, double factor) {
        double kind = chance.unit();
        double noise = StrictMath.exp(sigma * chance.gaussian());
        if (kind < zeroShare) {
            return 0;
        }
        double millis = 1 - kind < slowShare ? slowMedianMillis : medianMillis;
        double ticks = millis * noise * factor * Layout.TICKS / 1000;
        return (int) Math.clamp((long) ticks, SHORTEST, LONGEST);
    }

    /// Durations in ticks and the bucket of each. Arrays are shared and never written.
    record Table(int[] ticks, short[] buckets) {}
}
