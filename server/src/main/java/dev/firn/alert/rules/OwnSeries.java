package dev.firn.alert.rules;

import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.value.Labels;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Firn's own metrics of the last hours in memory, as a Prometheus would have scraped them; of
/// those metrics only that were asked for once. Beside them what rules say of alerts (`ALERTS`).
/// Thread-safe.
final class OwnSeries implements SeriesSource {
    private static final long KEEP_MILLIS = 8 * 3_600_000L; // more than any range of ours
    private static final int NAMES_MAX = 10_000;

    private final SampleMemory memory = new SampleMemory();
    private final Set<String> wanted = ConcurrentHashMap.newKeySet();
    private final Map<String, Labels> known = new HashMap<>();
    private final Map<String, String> target;
    private Set<Labels> before = Set.of();

    /// @param target labels of all series; a metric's own label of the same name becomes
    ///   `exported_…`
    OwnSeries(Map<String, String> target) {
        this.target = target;
    }

    /// Takes a page in text format.
    ///
    /// @param up which of Prometheus' jobs would find their target, by name
    synchronized void scrape(byte[] page, Map<String, Boolean> up, long now) {
        var seen = new HashSet<Labels>();
        for (String line : new String(page, StandardCharsets.UTF_8).lines().toList()) {
            int name = nameEnd(line);
            int value = line.lastIndexOf(' ');
            if (name > 0 && value > 0 && wanted.contains(line.substring(0, name))) {
                Labels labels = known.computeIfAbsent(line.substring(0, value), this::labels);
                memory.append(labels, now, number(line.substring(value + 1)), null);
                seen.add(labels);
            }
        }
        up.forEach((job, is) -> {
            Labels labels = Labels.of(target).with(Labels.NAME, "up").with("job", job);
            memory.append(labels, now, is ? 1 : 0, null);
        });
        before.stream()
                .filter(labels -> !seen.contains(labels))
                .forEach(labels -> memory.end(labels, now));
        before = seen;
        known.values().retainAll(seen);
        memory.forget(now - KEEP_MILLIS);
    }

    private static int nameEnd(String line) {
        if (line.startsWith("#")) {
            return 0;
        }
        int brace = line.indexOf('{');
        int space = line.indexOf(' ');
        return brace > 0 && brace < space ? brace : space;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private Labels labels(String series) {
        var labels = new HashMap<String, String>();
        for (Matcher one : Parser.parseMetric(series)) {
            boolean taken = target.containsKey(one.name());
            labels.put(taken ? "exported_" + one.name() : one.name(), one.value());
        }
        labels.putAll(target);
        return Labels.of(labels);
    }

    /// What rules say of alerts.
    SampleMemory memory() {
        return memory;
    }

    @Override
    public Cursor select(Selection selection) {
        for (Matcher one : selection.matchers()) {
            if (one.name().equals(Labels.NAME)
                    && one.type() == Matcher.Type.EQUAL
                    && wanted.size() < NAMES_MAX) {
                wanted.add(one.value());
            }
        }
        return memory.select(selection);
    }
}
