package dev.firn.lake.keep;

import dev.firn.config.LakeKeepConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.InclusiveMetricsEvaluator;
import org.apache.iceberg.expressions.StrictMetricsEvaluator;

/// `lake.retention`: the first rule that matches a row says how long it stays after its time; a row
/// that none matches stays for ever, and so does one that a hold may cover.
public final class RetentionRules {
    private record Rule(LakeKeepConfig.Rule config, Pattern metric) {
        boolean matches(String metricName, String environment, String plane) {
            return (config.environment().isEmpty() || config.environment().equals(environment))
                    && (config.plane().isEmpty() || config.plane().equals(plane))
                    && (config.metric().isEmpty() || metric.matcher(metricName).matches());
        }

        /// Before this time rows of the rule go; the least number if none do.
        long borderMicros(long nowMillis) {
            return config.keepNanos() == LakeKeepConfig.FOREVER
                    ? Long.MIN_VALUE
                    : nowMillis * 1_000 - config.keepNanos() / 1_000;
        }

        /// @param inclusive true: lets every row pass that matches; false: no other row
        Expression filter(boolean inclusive) {
            Expression all = Expressions.alwaysTrue();
            if (!config.environment().isEmpty()) {
                all = Expressions.and(all, Expressions.equal("environment", config.environment()));
            }
            if (!config.plane().isEmpty()) {
                all = Expressions.and(all, Expressions.equal("data_plane_id", config.plane()));
            }
            return Expressions.and(all, metricFilter(config.metric(), inclusive));
        }

        private static Expression metricFilter(String pattern, boolean inclusive) {
            int wild = 0;
            while (wild < pattern.length() && "*?".indexOf(pattern.charAt(wild)) < 0) {
                wild++;
            }
            String prefix = pattern.substring(0, wild);
            if (pattern.isEmpty() || pattern.equals("*")) {
                return Expressions.alwaysTrue();
            }
            if (wild == pattern.length()) {
                return Expressions.equal("metric_name", pattern);
            }
            if (inclusive) {
                return prefix.isEmpty()
                        ? Expressions.alwaysTrue()
                        : Expressions.startsWith("metric_name", prefix);
            }
            return pattern.equals(prefix + "*") ? between(prefix) : Expressions.alwaysFalse();
        }

        /// Texts with a prefix as a range: bounds can prove that, `startsWith` they cannot.
        private static Expression between(String prefix) {
            char last = prefix.charAt(prefix.length() - 1);
            if (last >= Character.MIN_SURROGATE - 1) {
                return Expressions.alwaysFalse();
            }
            String behind = prefix.substring(0, prefix.length() - 1) + (char) (last + 1);
            return Expressions.and(
                    Expressions.greaterThanOrEqual("metric_name", prefix),
                    Expressions.lessThan("metric_name", behind));
        }
    }

    private final List<Rule> rules = new ArrayList<>();

    public RetentionRules(List<LakeKeepConfig.Rule> rules) {
        for (LakeKeepConfig.Rule rule : rules) {
            this.rules.add(new Rule(rule, glob(rule.metric())));
        }
    }

    private static Pattern glob(String pattern) {
        var regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char one = pattern.charAt(i);
            switch (one) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(String.valueOf(one)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    /// True if nothing ever goes.
    public boolean isEmpty() {
        return rules.stream().allMatch(rule -> rule.config.keepNanos() == LakeKeepConfig.FOREVER);
    }

    /// The rules at a moment, for a table with these properties (its holds stand there).
    public LakeKeep at(long nowMillis, Schema schema, Map<String, String> properties) {
        return isEmpty() ? LakeKeep.ALL : at(nowMillis, schema, Hold.of(properties));
    }

    At at(long nowMillis, Schema schema, List<Hold> holds) {
        return new At(nowMillis, schema, holds);
    }

    /// The rules at a moment.
    final class At implements LakeKeep {
        private final long nowMillis;
        private final Schema schema;
        private final List<Hold> holds;

        private At(long nowMillis, Schema schema, List<Hold> holds) {
            this.nowMillis = nowMillis;
            this.schema = schema;
            this.holds = List.copyOf(holds);
        }

        @Override
        public boolean keeps(String metricName, String environment, String plane, long timeMicros) {
            for (Rule rule : rules) {
                if (rule.matches(metricName, environment, plane)) {
                    return timeMicros >= rule.borderMicros(nowMillis)
                            || held(metricName, environment, plane, timeMicros);
                }
            }
            return true;
        }

        @Override
        public long borderMicros(String metricName, String environment, String plane) {
            for (Rule rule : rules) {
                if (rule.matches(metricName, environment, plane)) {
                    return rule.borderMicros(nowMillis);
                }
            }
            return Long.MIN_VALUE;
        }

        private boolean held(String metricName, String environment, String plane, long timeMicros) {
            for (Hold hold : holds) {
                if (hold.where().mayMatch(metricName, environment, plane, timeMicros)) {
                    return true;
                }
            }
            return false;
        }

        /// Holds are not asked: a file of which only held rows are old is read in vain.
        @Override
        public boolean trims(DataFile file) {
            for (Rule rule : rules) {
                boolean some = inclusive(rule.filter(true), file);
                if (some && inclusive(before(rule), file)) {
                    return true;
                }
                if (some && strict(rule.filter(false), file)) {
                    return false; // all rows are this rule's
                }
            }
            return false;
        }

        @Override
        public Set<Integer> due(DataFile file) {
            var due = new TreeSet<Integer>();
            for (int i = 0; i < rules.size(); i++) {
                Rule rule = rules.get(i);
                boolean some = inclusive(rule.filter(true), file);
                if (some && strict(before(rule), file)) {
                    due.add(i);
                }
                if (some && strict(rule.filter(false), file)) {
                    break; // all rows are this rule's
                }
            }
            return due;
        }

        /// Whether the file's bounds say that no row stays.
        boolean retires(DataFile file) {
            for (Hold hold : holds) {
                if (hold.where().mayMatch(schema, file)) {
                    return false;
                }
            }
            for (Rule rule : rules) {
                if (!inclusive(rule.filter(true), file)) {
                    continue; // no row is this rule's
                }
                if (!strict(before(rule), file)) {
                    return false;
                }
                if (strict(rule.filter(false), file)) {
                    return true; // all rows are, and all are old
                }
                // some are, and old enough: those of the others are the next rules'
            }
            return false;
        }

        private Expression before(Rule rule) {
            long border = rule.borderMicros(nowMillis);
            return border == Long.MIN_VALUE
                    ? Expressions.alwaysFalse()
                    : Expressions.lessThan("time", border);
        }

        private boolean inclusive(Expression filter, DataFile file) {
            return new InclusiveMetricsEvaluator(schema, filter).eval(file);
        }

        private boolean strict(Expression filter, DataFile file) {
            return new StrictMetricsEvaluator(schema, filter).eval(file);
        }
    }
}
