package dev.firn.ops.load;

/// How durations are put into buckets. A duration is a whole number of ticks of 2^-20 s, so that
/// sums of it are exact in a double, in seconds and (times 1000, still a dyadic fraction) in
/// milliseconds.
sealed interface Layout {
    /// Ticks in a second.
    int TICKS = 1 << 20;

    /// The bucket of the value that counts as zero.
    int ZERO = -1;

    Unit unit();

    /// How many buckets a stream's state has.
    int size();

    /// The index of the bucket, or [#ZERO].
    int bucketOf(long ticks);

    /// The unit of the metric.
    enum Unit {
        SECONDS("s", 1),
        MILLISECONDS("ms", 1000);

        final String code;
        private final double scale;

        Unit(String code, int perSecond) {
            this.code = code;
            this.scale = perSecond;
        }

        /// Exact up to 2^43 ticks, which is a total of 97 days in one stream since its start.
        double of(long ticks) {
            return ticks * scale / TICKS;
        }
    }

    /// OTLP's explicit bounds: bucket i holds (bounds[i-1], bounds[i]].
    record Explicit(Unit unit, double[] bounds, byte[] encodedBounds) implements Layout {
        static Explicit of(Unit unit, double... bounds) {
            var writer = new ProtobufWriter(256);
            for (int i = bounds.length - 1; i >= 0; i--) {
                writer.fixed64(Double.doubleToRawLongBits(bounds[i]));
            }
            writer.message(7, 0);
            return new Explicit(unit, bounds.clone(), writer.toBytes());
        }

        @Override
        public int size() {
            return bounds.length + 1;
        }

        @Override
        public int bucketOf(long ticks) {
            double value = unit.of(ticks);
            int at = 0;
            while (at < bounds.length && value > bounds[at]) {
                at++;
            }
            return at;
        }
    }

    /// OTLP's exponential buckets kept at scale 3 over the range of durations that occur; a point
    /// is exported at scale 3 or, when it spans more than `POINT_BUCKETS`, at a coarser one.
    record Exponential(Unit unit, int lowest, double[] uppers) implements Layout {
        static final int SCALE = 3;
        static final int POINT_BUCKETS = 48;
        private static final double SHORTEST_SECONDS = 1.0 / 1024;
        private static final double LONGEST_SECONDS = 64;

        static Exponential of(Unit unit) {
            double low = SHORTEST_SECONDS * unit.scale;
            double high = LONGEST_SECONDS * unit.scale;
            int lowest = (int) StrictMath.ceil(log2(low) * (1 << SCALE)) - 1;
            int highest = (int) StrictMath.ceil(log2(high) * (1 << SCALE));
            double[] uppers = new double[highest - lowest + 1];
            for (int i = 0; i < uppers.length; i++) {
                uppers[i] = StrictMath.pow(2, (lowest + i + 1) / (double) (1 << SCALE));
            }
            return new Exponential(unit, lowest, uppers);
        }

        private static double log2(double value) {
            return StrictMath.log(value) / StrictMath.log(2);
        }

        @Override
        public int size() {
            return uppers.length;
        }

        @Override
        public int bucketOf(long ticks) {
            if (ticks == 0) {
                return ZERO;
            }
            int found = java.util.Arrays.binarySearch(uppers, unit.of(ticks));
            return Math.min(uppers.length - 1, found >= 0 ? found : -found - 1);
        }
    }
}
