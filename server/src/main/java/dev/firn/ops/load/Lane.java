package dev.firn.ops.load;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// A share of the shop's instances, whose exports are made into bodies in the order of time. Used
/// by one thread.
public final class Lane {
    private static final long HOUR = 3600 * LoadOptions.SECOND;

    private record Turn(long nanos, int order, Instance instance) {}

    private final int number;
    private final LoadOptions options;
    private final Export export;
    private final PriorityQueue<Turn> turns;
    private long sequence;
    private boolean flushed;

    Lane(int number, LoadOptions options, Export export, List<Instance> instances) {
        this.number = number;
        this.options = options;
        this.export = export;
        turns =
                new PriorityQueue<>(
                        Comparator.comparingLong(Turn::nanos).thenComparingInt(Turn::order));
        for (int i = 0; i < instances.size(); i++) {
            turns.add(new Turn(instances.get(i).nextAt(), i, instances.get(i)));
        }
    }

    /// Whether the end of the simulation is reached.
    public boolean ended() {
        Turn head = turns.peek();
        return head == null || head.nanos() >= options.untilNanos();
    }

    /// The hour since 1970 in which the next body is; the last one's when ended.
    public long hour() {
        Turn head = turns.peek();
        return Math.floorDiv(head == null || ended() ? options.untilNanos() : head.nanos(), HOUR);
    }

    /// From when on the next body is wholly in the past: live, a body holds the exports of one
    /// second.
    public long dueNanos() {
        Turn head = turns.peek();
        if (head == null) {
            return Long.MAX_VALUE;
        }
        return head.nanos() < options.liveFromNanos()
                ? head.nanos()
                : (head.nanos() / LoadOptions.SECOND + 1) * LoadOptions.SECOND;
    }

    /// The next body; null when this stretch of time has nothing to send.
    public @Nullable Body next() {
        long first = 0;
        long last = 0;
        for (Turn head = turns.peek(); head != null && !ended(); head = turns.peek()) {
            long time = head.nanos();
            if (first != 0 && (stretch(time) != stretch(first) || isFull())) {
                break;
            }
            turns.poll();
            first = first == 0 ? time : first;
            last = time;
            head.instance().advance(export);
            turns.add(new Turn(head.instance().nextAt(), head.order(), head.instance()));
        }
        return export.isEmpty()
                ? null
                : export.take(number, sequence++, Math.floorDiv(first, HOUR), first, last);
    }

    private boolean isFull() {
        return export.total() >= options.bodyPoints();
    }

    /// A body holds times of one stretch: an hour of history, a second of live time.
    private long stretch(long nanos) {
        return nanos < options.liveFromNanos()
                ? -Math.floorDiv(nanos, HOUR)
                : Math.floorDiv(nanos, LoadOptions.SECOND);
    }

    /// Hands the last hours' requests to the ledger; nothing is generated afterwards.
    public void close() {
        if (!flushed) {
            flushed = true;
            export.cells().flush();
        }
    }
}
