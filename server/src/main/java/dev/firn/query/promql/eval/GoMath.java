package dev.firn.query.promql.eval;

/// Where Go's arithmetic, and so Prometheus', differs from Java's.
final class GoMath {
    private GoMath() {}

    static double pow(double base, double exponent) {
        boolean one = base == 1 || (base == -1 && Double.isInfinite(exponent));
        return one ? 1 : Math.pow(base, exponent);
    }

    /// Infinity wins over NaN.
    static double max(double a, double b) {
        boolean infinite = a == Double.POSITIVE_INFINITY || b == Double.POSITIVE_INFINITY;
        return infinite ? Double.POSITIVE_INFINITY : Math.max(a, b);
    }

    static double min(double a, double b) {
        boolean infinite = a == Double.NEGATIVE_INFINITY || b == Double.NEGATIVE_INFINITY;
        return infinite ? Double.NEGATIVE_INFINITY : Math.min(a, b);
    }

    static double asinh(double x) {
        double abs = Math.abs(x);
        if (Double.isInfinite(x) || x == 0 || Double.isNaN(x)) {
            return x;
        }
        double result =
                abs > 1L << 28
                        ? Math.log(abs) + Math.log(2)
                        : Math.log1p(abs + abs * abs / (1 + Math.sqrt(abs * abs + 1)));
        return Math.copySign(result, x);
    }

    static double acosh(double x) {
        if (x < 1 || Double.isNaN(x)) {
            return Double.NaN;
        }
        if (x >= 1L << 28) {
            return Math.log(x) + Math.log(2);
        }
        double t = x - 1;
        return Math.log1p(t + Math.sqrt(2 * t + t * t));
    }

    static double atanh(double x) {
        if (Math.abs(x) == 1) {
            return x * Double.POSITIVE_INFINITY;
        }
        return Math.copySign(0.5 * Math.log1p(2 * Math.abs(x) / (1 - Math.abs(x))), x);
    }
}
