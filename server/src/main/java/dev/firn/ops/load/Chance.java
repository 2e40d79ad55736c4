package dev.firn.ops.load;

/// Seeded pseudo-random numbers (SplitMix64: Steele, Lea and Flood, OOPSLA 2014), written out here
/// so that a seed means the same bytes on every Java version; `StrictMath` for the same on every
/// machine.
final class Chance {
    private static final double UNIT = 0x1p-53;

    private long state;

    Chance(long seed) {
        state = seed;
    }

    /// An independent stream for a named thing.
    static Chance of(long seed, String what) {
        long hash = seed;
        for (int i = 0; i < what.length(); i++) {
            hash = mix(hash ^ what.charAt(i) + 0x9e3779b97f4a7c15L);
        }
        return new Chance(hash);
    }

    long next() {
        state += 0x9e3779b97f4a7c15L;
        return mix(state);
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
        return b ^ (b >>> 31);
    }

    /// In [0, 1).
    double unit() {
        return (next() >>> 11) * UNIT;
    }

    /// In [0, bound).
    long below(long bound) {
        return (long) (unit() * bound);
    }

    boolean oneIn(int odds) {
        return below(odds) == 0;
    }

    /// Mean 0, deviation 1 (Box–Muller).
    double gaussian() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit()));
        return radius * StrictMath.cos(2 * Math.PI * unit());
    }

    /// Mean 1.
    double exponential() {
        return -StrictMath.log(1 - unit());
    }

    /// A Poisson count: by inversion when small, rounded from the normal distribution from 32 up.
    long poisson(double mean) {
        if (!(mean > 0)) {
            return 0;
        }
        if (mean >= 32) {
            double drawn = mean + StrictMath.sqrt(mean) * gaussian();
            return Math.max(0, (long) StrictMath.floor(drawn + 0.5));
        }
        double left = unit();
        if (left < 1 - mean) {
            return 0; // exp(-m) >= 1 - m: most draws of rare things need no exp
        }
        double share = StrictMath.exp(-mean);
        double upTo = share;
        int count = 0;
        while (left > upTo && count < 256) {
            count++;
            share *= mean / count;
            upTo += share;
        }
        return count;
    }
}
