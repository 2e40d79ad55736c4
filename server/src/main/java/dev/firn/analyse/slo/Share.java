package dev.firn.analyse.slo;

import java.math.BigDecimal;

/// A share of good ones, of events or of slices.
///
/// @param total events or slices; 0 if there is nothing to judge
/// @param goodLower surely good ones; of RatioTimeslices the sum of the slices' ratios
/// @param goodUpper possibly good ones
/// @param goodEstimate between both
record Share(long total, BigDecimal goodLower, BigDecimal goodUpper, double goodEstimate) {
    /// Good events by all events.
    static Share ofEvents(MinuteCounts counts) {
        return new Share(
                counts.total(),
                BigDecimal.valueOf(counts.goodLower()),
                BigDecimal.valueOf(counts.goodUpper()),
                counts.goodEstimate());
    }

    /// By the objective's way of budgeting, over minutes of which all are past.
    static Share of(Budgeting budgeting, Minutes minutes, SloWindow.Span past) {
        return switch (budgeting) {
            case Budgeting.Occurrences _ -> ofEvents(minutes.sum(past));
            case Budgeting.Timeslices slices -> {
                var sum = new Slices(slices.empty());
                sum.add(
                        minutes,
                        past,
                        slices.minutes(),
                        slice -> sum.judge(slice, slices.target()));
                yield sum.share();
            }
            case Budgeting.RatioTimeslices slices -> {
                var sum = new Slices(slices.empty());
                sum.add(minutes, past, slices.minutes(), sum::average);
                yield sum.share();
            }
        };
    }

    /// Whether surely so many are good.
    boolean surely(BigDecimal target) {
        return goodLower.compareTo(target.multiply(BigDecimal.valueOf(total))) >= 0;
    }

    /// Whether possibly so many are good.
    boolean possibly(BigDecimal target) {
        return goodUpper.compareTo(target.multiply(BigDecimal.valueOf(total))) >= 0;
    }

    double lower() {
        return total == 0 ? Double.NaN : goodLower.doubleValue() / total;
    }

    double upper() {
        return total == 0 ? Double.NaN : goodUpper.doubleValue() / total;
    }

    double estimate() {
        return total == 0 ? Double.NaN : goodEstimate / total;
    }

    /// Adds up slices.
    private static final class Slices {
        private final Budgeting.Empty empty;
        private long total;
        private BigDecimal lower = BigDecimal.ZERO;
        private BigDecimal upper = BigDecimal.ZERO;
        private double estimate;

        Slices(Budgeting.Empty empty) {
            this.empty = empty;
        }

        /// Whole slices only.
        void add(
                Minutes minutes,
                SloWindow.Span past,
                int size,
                java.util.function.Consumer<Share> each) {
            long first = Math.ceilDiv(past.from(), (long) size) * size;
            for (long at = first; at + size <= past.to(); at += size) {
                Share slice = ofEvents(minutes.sum(new SloWindow.Span(at, at + size)));
                if (slice.total > 0) {
                    each.accept(slice);
                } else if (empty != Budgeting.Empty.IGNORE) {
                    boolean good = empty == Budgeting.Empty.GOOD;
                    add(one(good), one(good), good ? 1 : 0);
                }
            }
        }

        void judge(Share slice, BigDecimal target) {
            boolean likely = slice.estimate() >= target.doubleValue();
            add(
                    one(slice.surely(target)),
                    one(slice.possibly(target)),
                    slice.surely(target) || (slice.possibly(target) && likely) ? 1 : 0);
        }

        void average(Share slice) {
            var count = BigDecimal.valueOf(slice.total);
            add(
                    slice.goodLower.divide(count, java.math.MathContext.DECIMAL64),
                    slice.goodUpper.divide(count, java.math.MathContext.DECIMAL64),
                    slice.estimate());
        }

        private void add(BigDecimal lowerPart, BigDecimal upperPart, double estimatePart) {
            total++;
            lower = lower.add(lowerPart);
            upper = upper.add(upperPart);
            estimate += estimatePart;
        }

        private static BigDecimal one(boolean good) {
            return good ? BigDecimal.ONE : BigDecimal.ZERO;
        }

        Share share() {
            return new Share(total, lower, upper, estimate);
        }
    }
}
