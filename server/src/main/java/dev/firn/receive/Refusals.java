package dev.firn.receive;

import dev.firn.model.Intake;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Counts the refused points of one request by reason, with the first metric of each.
final class Refusals {
    private static final Reason[] REASONS = Reason.values();
    private static final int NAMED_MAX = 5;
    private static final int NAME_LENGTH_MAX = 100;

    private final long[] counts = new long[REASONS.length];
    private final @Nullable String[] firstMetric = new @Nullable String[REASONS.length];
    private long total;

    void reset() {
        Arrays.fill(counts, 0);
        Arrays.fill(firstMetric, null);
        total = 0;
    }

    void add(Reason reason, String metric) {
        if (counts[reason.ordinal()]++ == 0) {
            firstMetric[reason.ordinal()] = metric;
        }
        total++;
    }

    long total() {
        return total;
    }

    long count(Reason reason) {
        return counts[reason.ordinal()];
    }

    /// What the sender is told.
    Intake.Answer answer() {
        if (total == 0) {
            return Intake.Answer.OK;
        }
        var message = new StringBuilder("refused ").append(total).append(" points: ");
        int named = 0;
        for (Reason reason : REASONS) {
            long count = counts[reason.ordinal()];
            if (count == 0) {
                continue;
            }
            if (named == NAMED_MAX) {
                message.append("; and more");
                break;
            }
            if (named++ > 0) {
                message.append("; ");
            }
            message.append(count)
                    .append(" because ")
                    .append(reason.text())
                    .append(" (first in metric \"")
                    .append(shortened(firstMetric[reason.ordinal()]))
                    .append("\")");
        }
        return new Intake.Answer(total, message.append("; the rest was stored").toString());
    }

    private static String shortened(@Nullable String name) {
        if (name == null || name.length() <= NAME_LENGTH_MAX) {
            return String.valueOf(name);
        }
        int end = Character.isHighSurrogate(name.charAt(NAME_LENGTH_MAX - 1)) ? 99 : 100;
        return name.substring(0, end) + "…";
    }
}
