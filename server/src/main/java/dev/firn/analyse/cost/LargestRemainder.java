package dev.firn.analyse.cost;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;

/// Divides a whole number by weights, so that the parts are whole and add up to it: each gets its
/// share rounded down, and those with the largest remainders one more (Hamilton's method). Equal
/// remainders go by position, so that the same question has the same answer.
final class LargestRemainder {
    private LargestRemainder() {}

    /// The parts, one a weight.
    ///
    /// @param total 0 or more
    /// @param weights 0 or more, at least one above 0
    static long[] divide(long total, long[] weights) {
        long sum = 0;
        boolean wide = false;
        for (long weight : weights) {
            if (weight < 0) {
                throw new IllegalArgumentException("weight " + weight);
            }
            sum = Math.addExact(sum, weight);
            wide |= Math.multiplyHigh(total, weight) != 0 || total * weight < 0;
        }
        if (total < 0 || sum == 0) {
            throw new IllegalArgumentException("cannot divide " + total + " by " + sum);
        }
        var parts = new long[weights.length];
        var remainders = new long[weights.length];
        long left = total;
        for (int i = 0; i < weights.length; i++) {
            if (wide) {
                BigInteger[] both =
                        BigInteger.valueOf(total)
                                .multiply(BigInteger.valueOf(weights[i]))
                                .divideAndRemainder(BigInteger.valueOf(sum));
                parts[i] = both[0].longValueExact();
                remainders[i] = both[1].longValueExact();
            } else {
                parts[i] = total * weights[i] / sum;
                remainders[i] = total * weights[i] % sum;
            }
            left -= parts[i];
        }
        if (left > 0) {
            Integer[] order = new Integer[weights.length];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, Comparator.comparingLong(i -> -remainders[i]));
            for (int i = 0; i < left; i++) {
                parts[order[i]]++;
            }
        }
        return parts;
    }
}
