package dev.firn.engine.child;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/// What statements took, by who asked and for which metric, until the parent has written it down.
/// What is told has a number; until that number comes back, it is told again, so that nothing is
/// counted twice or never while this process lives. Thread-safe.
final class QueryCounts {
    /// Told apart at once; more are one.
    private static final int KEYS_MAX = 10_000;

    /// Of statements that name no metric.
    static final String UNATTRIBUTED = "__unattributed__";

    /// The same of Firn's own rooms, which look after all metrics together.
    static final String OVERHEAD = "__overhead__";

    private static final String OVERFLOW = "__overflow__";

    private record Key(String source, String metric) {}

    private record Use(Key key, String label) {}

    private static final class Sum {
        private long micros;
        private long bytes;
        private long statements;
    }

    private final String id = UUID.randomUUID().toString();
    private Map<Key, Sum> running = new LinkedHashMap<>();
    private Map<Key, Sum> told = new LinkedHashMap<>();
    private Set<Use> uses = new LinkedHashSet<>();
    private Set<Use> toldUses = new LinkedHashSet<>();
    private long number;

    /// Counts a statement. What it took is divided among its metrics in equal parts, whole numbers
    /// that add up to it. It takes a microsecond a metric at least, so that an answer from a cache
    /// leaves a trace, too.
    ///
    /// @param source user and source
    /// @param nobodys what stands for the metric where none is named
    synchronized void add(
            String source, Collection<String> metrics, String nobodys, long elapsed, long bytes) {
        long micros = Math.max(elapsed, Math.max(1, metrics.size()));
        if (metrics.isEmpty()) {
            add(new Key(source, nobodys), micros, bytes);
            return;
        }
        int count = metrics.size();
        int at = 0;
        for (String metric : metrics) {
            add(new Key(source, metric), part(micros, count, at), part(bytes, count, at));
            at++;
        }
    }

    /// Notes which labels of its metrics a statement was about; more than are told apart are let
    /// go.
    synchronized void uses(String source, Collection<String> metrics, Collection<String> labels) {
        for (String metric : metrics) {
            for (String label : labels) {
                if (uses.size() < KEYS_MAX) {
                    uses.add(new Use(new Key(source, metric), label));
                }
            }
        }
    }

    private static long part(long whole, int count, int at) {
        return whole / count + (at < whole % count ? 1 : 0);
    }

    private void add(Key key, long micros, long bytes) {
        Key kept =
                running.containsKey(key) || running.size() < KEYS_MAX ? key : new Key("", OVERFLOW);
        Sum sum = running.computeIfAbsent(kept, _ -> new Sum());
        sum.micros += micros;
        sum.bytes += bytes;
        sum.statements++;
    }

    /// What was counted after what has a number, as lines of pairs: one with this process's id and
    /// the next number, then one each.
    ///
    /// @param written the last number that is written down, and of which process; other processes'
    ///   are none
    synchronized String tell(String writtenId, long written) {
        if (Objects.equals(writtenId, id) && written == number) {
            told = Map.of();
            toldUses = Set.of();
        }
        if (told.isEmpty() && !running.isEmpty()) {
            told = running;
            running = new LinkedHashMap<>();
            toldUses = uses;
            uses = new LinkedHashSet<>();
            number++;
        }
        var text = new StringBuilder();
        text.append(line("id", id, "number", Long.toString(number))).append('\n');
        told.forEach((key, sum) ->
                text.append(
                                line(
                                        "source",
                                        key.source,
                                        "metric",
                                        key.metric,
                                        "micros",
                                        Long.toString(sum.micros),
                                        "bytes",
                                        Long.toString(sum.bytes),
                                        "statements",
                                        Long.toString(sum.statements)))
                        .append('\n'));
        for (Use one : toldUses) {
            text.append(
                            line(
                                    "source",
                                    one.key.source,
                                    "metric",
                                    one.key.metric,
                                    "label",
                                    one.label))
                    .append('\n');
        }
        return text.toString();
    }

    private static String line(String... pairs) {
        var fields = new LinkedHashMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) {
            fields.put(pairs[i], pairs[i + 1]);
        }
        return EngineConfig.line(fields);
    }
}
