package dev.firn.query.promql.value;

import dev.firn.query.promql.lang.GoNumber;

/// A bucket with its bounds.
public record Bucket(
        double lower, double upper, boolean lowerInclusive, boolean upperInclusive, double count) {
    Bucket bounded(double lower, double upper) {
        return new Bucket(lower, upper, lowerInclusive, upperInclusive, count);
    }

    /// The part of it below a value inside, on a linear or on a logarithmic scale.
    public double fractionBelow(double value, boolean linear) {
        if (linear) {
            return (value - lower) / (upper - lower);
        }
        double logLower = log2(Math.abs(lower));
        double logUpper = log2(Math.abs(upper));
        double log = log2(Math.abs(value));
        return value > 0
                ? (log - logLower) / (logUpper - logLower)
                : 1 - ((log - logUpper) / (logLower - logUpper));
    }

    /// The logarithm to base 2, exact for powers of two.
    public static double log2(double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            return Math.log(value);
        }
        int exponent = Math.getExponent(value) + 1;
        if (value < Double.MIN_NORMAL) {
            return Math.log(value) / Math.log(2);
        }
        double fraction = Math.scalb(value, -exponent);
        return fraction == 0.5 ? exponent - 1 : Math.log(fraction) * (1 / Math.log(2)) + exponent;
    }

    @Override
    public String toString() {
        return (lowerInclusive ? "[" : "(")
                + GoNumber.general(lower)
                + ","
                + GoNumber.general(upper)
                + (upperInclusive ? "]" : ")")
                + ":"
                + GoNumber.value(count);
    }
}
