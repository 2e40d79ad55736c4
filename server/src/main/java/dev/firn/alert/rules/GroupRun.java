package dev.firn.alert.rules;

import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.StaleNan;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/// A group as it goes on from evaluation to evaluation. Used by one thread at a time.
final class GroupRun {
    private final RuleGroup group;
    private final LongSupplier nanos;
    private final List<RuleRun> rules = new ArrayList<>();
    private final List<Set<Labels>> before = new ArrayList<>();
    private volatile List<RuleStatus> status;

    /// Takes what rules make.
    interface Keeping {
        /// @param ended series that the rule made the last time and no longer
        /// @throws RuntimeException if it cannot be kept
        void keep(Rule rule, List<Outcome> outcomes, List<Outcome> ended);
    }

    /// @param nanos a clock for how long rules take
    GroupRun(
            RuleGroup group,
            Map<String, String> externalLabels,
            String externalUrl,
            LongSupplier nanos) {
        this.group = group;
        this.nanos = nanos;
        for (Rule rule : group.rules()) {
            rules.add(new RuleRun(rule, externalLabels, externalUrl));
            before.add(Set.of());
        }
        status = group.rules().stream().map(RuleStatus::unknown).toList();
    }

    RuleGroup group() {
        return group;
    }

    List<RuleRun> rules() {
        return rules;
    }

    /// How each rule is after the last evaluation.
    List<RuleStatus> status() {
        return status;
    }

    /// Takes up an alert of an earlier run, if it is one of a rule of this group.
    ///
    /// @param until see [RuleRun#restore]
    boolean restore(ActiveAlert alert, RuleAlerts.Place place, long until) {
        if (!group.file().equals(place.file()) || !group.name().equals(place.group())) {
            return false;
        }
        var now = new ArrayList<>(status);
        for (int i = 0; i < rules.size(); i++) {
            RuleRun run = rules.get(i);
            if (run.mayHaveMade(alert)) {
                run.restore(alert, until);
                now.set(i, now.get(i).with(run.active()));
                status = List.copyOf(now);
                return true;
            }
        }
        return false;
    }

    /// Evaluates all rules, each over what those before it made.
    void evaluate(long time, Asking asking, Keeping keeping) {
        long offset = group.queryOffsetMillis().orElse(0);
        var now = new ArrayList<>(status);
        for (int i = 0; i < rules.size(); i++) {
            RuleRun rule = rules.get(i);
            long began = nanos.getAsLong();
            String error = "";
            try {
                evaluate(i, time, offset, asking, keeping);
            } catch (RuntimeException e) {
                error = e.getMessage() == null ? e.toString() : e.getMessage();
            }
            now.set(
                    i,
                    new RuleStatus(
                            rule.rule(),
                            error.isEmpty() ? "ok" : "err",
                            error,
                            time,
                            nanos.getAsLong() - began,
                            rule.active()));
            status = List.copyOf(now);
        }
    }

    private void evaluate(int i, long time, long offset, Asking asking, Keeping keeping) {
        RuleRun rule = rules.get(i);
        List<Outcome> outcomes = rule.evaluate(time, offset, group.limit(), asking);
        var made = new LinkedHashSet<Labels>();
        outcomes.forEach(one -> made.add(one.labels()));
        List<Outcome> ended =
                before.get(i).stream()
                        .filter(labels -> !made.contains(labels))
                        .map(labels -> new Outcome(labels, time - offset, StaleNan.VALUE, null))
                        .toList();
        keeping.keep(rule.rule(), outcomes, ended);
        before.set(i, made);
    }
}
