package dev.firn.wal;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.RequestKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Requests that were answered not long ago, so that the same request gets the same answer without
/// being stored again. Bounded by age and number. Each entry knows the segment in which it stands,
/// so that it can be carried on before that segment is deleted. Thread-safe.
final class RetryMemory {
    /// One answered request.
    record Known(Answer answer, long millis, long segment) {}

    private final Clock clock;
    private final long ageMillis;
    private final int entriesMax;
    private final LinkedHashMap<RequestKey, Known> known = new LinkedHashMap<>();
    private final Positions positions = new Positions();

    RetryMemory(Clock clock, long ageMillis, int entriesMax) {
        this.clock = clock;
        this.ageMillis = ageMillis;
        this.entriesMax = entriesMax;
    }

    synchronized @Nullable Answer find(RequestKey key) {
        if (key.isPosition()) {
            return positions.find(key);
        }
        Known found = known.get(key);
        return found != null && isYoung(found, clock.millis()) ? found.answer : null;
    }

    synchronized void put(RequestKey key, Answer answer, long millis, long segment) {
        if (key.isPosition()) {
            positions.put(key, new Known(answer, millis, segment));
            return;
        }
        known.remove(key); // so that the order stays that of time
        known.put(key, new Known(answer, millis, segment));
        long now = clock.millis();
        Iterator<Known> oldest = known.values().iterator();
        while (oldest.hasNext()) {
            Known one = oldest.next();
            if (known.size() <= entriesMax && isYoung(one, now)) {
                break;
            }
            oldest.remove();
        }
    }

    private boolean isYoung(Known one, long now) {
        return now - one.millis <= ageMillis;
    }

    /// Up to where a source was answered; 0 if nothing of it is known.
    synchronized long answeredUpTo(int source) {
        return positions.end(source);
    }

    synchronized int size() {
        return known.size();
    }

    /// Requests still young that stand only in segments below `segment`.
    synchronized List<RequestKey> below(long segment) {
        long now = clock.millis();
        List<RequestKey> result = positions.below(segment);
        for (Map.Entry<RequestKey, Known> one : known.entrySet()) {
            if (one.getValue().segment < segment && isYoung(one.getValue(), now)) {
                result.add(one.getKey());
            }
        }
        return result;
    }

    /// Whether a source's newest position stands only in segments below `segment`.
    synchronized boolean positionsBelow(long segment) {
        return !positions.below(segment).isEmpty();
    }

    /// Writes a RETRIES record's payload.
    synchronized void write(List<RequestKey> keys, ByteWriter out) {
        List<RequestKey> present = keys.stream().filter(key -> entry(key) != null).toList();
        out.varint(present.size());
        for (RequestKey key : present) {
            Known one = java.util.Objects.requireNonNull(entry(key));
            BatchRecord.writeRequest(out, key, one.answer(), one.millis());
        }
    }

    private @Nullable Known entry(RequestKey key) {
        return key.isPosition() ? positions.entry(key) : known.get(key);
    }

    /// These requests now stand in `segment`.
    synchronized void carried(List<RequestKey> keys, long segment) {
        for (RequestKey key : keys) {
            positions.carried(key, segment);
            known.computeIfPresent(key, (k, one) -> new Known(one.answer, one.millis, segment));
        }
    }

    /// Takes in a RETRIES record.
    void read(ByteReader in, long segment) {
        for (int i = in.count(); i > 0; i--) {
            var key = new RequestKey(in.i64(), in.i64());
            long millis = in.i64();
            restore(key, BatchRecord.readAnswer(in), millis, segment);
        }
    }

    /// Takes in what stands in the log.
    synchronized void restore(RequestKey key, Answer answer, long millis, long segment) {
        if (key.isPosition() || now(millis)) {
            put(key, answer, millis, segment);
        }
    }

    private boolean now(long millis) {
        return clock.millis() - millis <= ageMillis;
    }
}
