package dev.firn.process;

import dev.firn.config.FilterProcessorConfig;
import dev.firn.config.StatementGroup;
import dev.firn.process.identity.Identity;
import dev.firn.process.ottl.Condition;
import dev.firn.process.ottl.EvaluationException;
import dev.firn.process.ottl.Ottl;
import dev.firn.process.ottl.Subject;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `filter`: drops what does not match `include`, what matches `exclude`, and what one of the OTTL
/// conditions holds for. Conditions that look at identity and those that look at points are steps
/// of their own.
final class FilterProcessor {
    private FilterProcessor() {}

    static List<Step> steps(
            String name, FilterProcessorConfig config, Kit kit, List<String> problems) {
        CounterDataPoint filtered = kit.metrics().filtered.labelValues(name);
        var steps = new ArrayList<Step>();
        Optional<MetricMatcher> include =
                AttributesProcessor.matcher(name + ".metrics.include", config.include(), problems);
        Optional<MetricMatcher> exclude =
                AttributesProcessor.matcher(name + ".metrics.exclude", config.exclude(), problems);
        if (include.isPresent() || exclude.isPresent()) {
            steps.add(new Matching(include, exclude, filtered));
        }
        for (StatementGroup group : config.conditions()) {
            ErrorHandling errors = kit.errors(name, group.errorMode());
            Ottl.Group checked = kit.checkConditions(group, problems);
            for (boolean ofPoints : new boolean[] {false, true}) {
                List<Condition> some =
                        checked.conditions().stream()
                                .filter(one -> one.ofPoints() == ofPoints)
                                .toList();
                if (!some.isEmpty()) {
                    steps.add(new Conditions(some, ofPoints, errors, filtered));
                }
            }
        }
        return steps;
    }

    private record Matching(
            Optional<MetricMatcher> include,
            Optional<MetricMatcher> exclude,
            CounterDataPoint filtered)
            implements Step {
        @Override
        public boolean apply(Subject subject) {
            Identity identity = subject.identity;
            return (include.isEmpty() || include.get().matchesAll(identity))
                    && (exclude.isEmpty() || !exclude.get().matchesAny(identity));
        }

        @Override
        public boolean ofPoints() {
            return false;
        }

        @Override
        public boolean renames() {
            return false;
        }

        @Override
        public void dropped(long points) {
            filtered.inc(points);
        }
    }

    private record Conditions(
            List<Condition> conditions,
            boolean ofPoints,
            ErrorHandling errors,
            CounterDataPoint filtered)
            implements Step {
        @Override
        public boolean apply(Subject subject) {
            subject.newCache();
            for (Condition condition : conditions) {
                try {
                    if (condition.holds(subject)) {
                        return false;
                    }
                } catch (EvaluationException e) {
                    errors.failed(condition.text(), e);
                }
            }
            return true;
        }

        @Override
        public boolean renames() {
            return false;
        }

        @Override
        public void dropped(long points) {
            filtered.inc(points);
        }
    }
}
