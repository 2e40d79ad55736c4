package dev.firn.analyse.anomaly;

import java.util.Arrays;

/// Seven days of a series in slots of at least five minutes: what is usual at this time of day, and
/// how much of the series that explains.
///
/// A slot holds the mean of its points; the usual value is the median over the days, so that up to
/// three bad days do not show.
final class Season {
    static final int DAYS = 7;
    private static final long DAY_MILLIS = 86_400_000L;
    private static final int SLOTS_MAX = 288;

    private final int slots;
    private final long slotMillis;
    private final boolean interpolates;
    private final float[] means;
    private long day = Long.MIN_VALUE;
    private long firstDay = Long.MIN_VALUE;
    private int slot = -1;
    private double sum;
    private int count;
    private double usualBefore = Double.NaN;
    private double usualHere = Double.NaN;
    private double usualAfter = Double.NaN;
    private double strength = Double.NaN;

    /// @param stepMillis distance of the series' points
    Season(long stepMillis) {
        slots = (int) Math.clamp(DAY_MILLIS / stepMillis, 1, SLOTS_MAX);
        slotMillis = DAY_MILLIS / slots;
        interpolates = stepMillis < slotMillis;
        means = new float[DAYS * slots];
        Arrays.fill(means, Float.NaN);
    }

    /// What the same time of the days before had, at `time`; NaN where there is none.
    double usual(long time) {
        moveTo(time);
        double within =
                (Math.floorMod(time, DAY_MILLIS) - (double) slot * slotMillis) / slotMillis - 0.5;
        if (!interpolates) {
            return usualHere;
        }
        double neighbour = within < 0 ? usualBefore : usualAfter;
        return Double.isNaN(neighbour)
                ? usualHere
                : usualHere + Math.abs(within) * (neighbour - usualHere);
    }

    void learn(long time, double value) {
        moveTo(time);
        sum += value;
        count++;
        means[row(day) + slot] = (float) (sum / count);
    }

    /// Seven days are known.
    boolean known() {
        return firstDay != Long.MIN_VALUE && day - firstDay >= DAYS;
    }

    /// Correlation of a day with the day before it over the days that are known, values clipped at
    /// three standard deviations; 0 before seven days.
    double strength() {
        return Double.isNaN(strength) ? 0 : strength;
    }

    private void moveTo(long time) {
        long toDay = Math.floorDiv(time, DAY_MILLIS);
        int toSlot = (int) Math.min(slots - 1, Math.floorMod(time, DAY_MILLIS) / slotMillis);
        if (toDay == day && toSlot == slot) {
            return;
        }
        if (toDay == day) {
            forget(slot + 1, toSlot);
        } else {
            if (firstDay != Long.MIN_VALUE) {
                forget(slot + 1, slots);
            }
            moveToDay(toDay);
            forget(0, toSlot);
        }
        slot = toSlot;
        sum = 0;
        count = 0;
        usualBefore = median(slot - 1);
        usualHere = median(slot);
        usualAfter = median(slot + 1);
        forget(slot, slot + 1);
    }

    /// Slots of the present day that hold last week's values or none.
    private void forget(int from, int to) {
        if (from < to) {
            Arrays.fill(means, row(day) + from, row(day) + to, Float.NaN);
        }
    }

    private void moveToDay(long toDay) {
        if (firstDay == Long.MIN_VALUE) {
            firstDay = toDay;
        } else if (toDay - firstDay >= DAYS) {
            strength = correlation();
        }
        long from = Math.max(day + 1, toDay - DAYS + 1);
        day = toDay;
        // The slots of today still hold those of a week ago; they go one by one as they are
        // reached.
        for (long gone = from; gone < toDay; gone++) {
            Arrays.fill(means, row(gone), row(gone) + slots, Float.NaN);
        }
    }

    private double median(int atSlot) {
        int at = Math.floorMod(atSlot, slots);
        float[] found = new float[DAYS];
        int n = 0;
        for (int row = 0; row < DAYS; row++) {
            float mean = means[row * slots + at];
            if (!Float.isNaN(mean)) {
                int place = n++;
                for (; place > 0 && found[place - 1] > mean; place--) {
                    found[place] = found[place - 1];
                }
                found[place] = mean;
            }
        }
        return n == 0 ? Double.NaN : (found[(n - 1) / 2] + (double) found[n / 2]) / 2;
    }

    private double correlation() {
        double total = 0;
        double squares = 0;
        int n = 0;
        for (float mean : means) {
            if (!Float.isNaN(mean)) {
                total += mean;
                n++;
            }
        }
        double centre = total / Math.max(n, 1);
        for (float mean : means) {
            squares += Float.isNaN(mean) ? 0 : (mean - centre) * (mean - centre);
        }
        double deviation = Math.sqrt(squares / Math.max(n, 1));
        if (!(deviation > 0)) {
            return 0;
        }
        double products = 0;
        double left = 0;
        double right = 0;
        for (long later = day - DAYS + 2; later <= day; later++) {
            for (int i = 0; i < slots; i++) {
                double a = clip((means[row(later - 1) + i] - centre) / deviation);
                double b = clip((means[row(later) + i] - centre) / deviation);
                if (!Double.isNaN(a + b)) {
                    products += a * b;
                    left += a * a;
                    right += b * b;
                }
            }
        }
        return left > 0 && right > 0 ? products / Math.sqrt(left * right) : 0;
    }

    private static double clip(double z) {
        return Math.clamp(z, -3, 3);
    }

    private int row(long ofDay) {
        return (int) Math.floorMod(ofDay, (long) DAYS) * slots;
    }

    void fields(Fields fields) {
        fields.of(means);
        day = fields.of(day);
        firstDay = fields.of(firstDay);
        slot = fields.of(slot);
        sum = fields.of(sum);
        count = fields.of(count);
        usualBefore = fields.of(usualBefore);
        usualHere = fields.of(usualHere);
        usualAfter = fields.of(usualAfter);
        strength = fields.of(strength);
    }
}
