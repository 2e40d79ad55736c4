package dev.firn.wal;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.RequestKey;
import java.util.ArrayList;
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

    RetryMemory(Clock clock, long ageMillis, int entriesMax) {
        this.clock = clock;
        this.ageMillis = ageMillis;
        this.entriesMax = entriesMax;
    }

    synchronized @Nullable Answer find(RequestKey key) {
        Known found = known.get(key);
        return found != null && isYoung(found, clock.millis()) ? found.answer : null;
    }

    synchronized void put(RequestKey key, Answer answer, long millis, long segment) {
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

    synchronized int size() {
        return known.size();
    }

    /// Requests still young that stand only in segments below `segment`.
    synchronized List<RequestKey> below(long segment) {
        long now = clock.millis();
        var result = new ArrayList<RequestKey>();
        for (Map.Entry<RequestKey, Known> one : known.entrySet()) {
            if (one.getValue().segment < segment && isYoung(one.getValue(), now)) {
                result.add(one.getKey());
            }
        }
        return result;
    }

    /// Writes a RETRIES record's payload.
    synchronized void write(List<RequestKey> keys, ByteWriter out) {
        List<RequestKey> present = keys.stream().filter(known::containsKey).toList();
        out.varint(present.size());
        for (RequestKey key : present) {
            Known one = java.util.Objects.requireNonNull(known.get(key));
            BatchRecord.writeRequest(out, key, one.answer, one.millis);
        }
    }

    /// These requests now stand in `segment`.
    synchronized void carried(List<RequestKey> keys, long segment) {
        for (RequestKey key : keys) {
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
        if (now(millis)) {
            put(key, answer, millis, segment);
        }
    }

    private boolean now(long millis) {
        return clock.millis() - millis <= ageMillis;
    }
}
