package dev.firn.alert.rules;

import java.util.List;

/// How a rule is.
///
/// @param health `ok`, `err` or `unknown`
/// @param error the last one; empty if the last evaluation was good
/// @param evaluatedAt ms since 1970; 0: never
public record RuleStatus(
        Rule rule,
        String health,
        String error,
        long evaluatedAt,
        long nanos,
        List<ActiveAlert> alerts) {
    static RuleStatus unknown(Rule rule) {
        return new RuleStatus(rule, "unknown", "", 0, 0, List.of());
    }

    RuleStatus with(List<ActiveAlert> others) {
        return new RuleStatus(rule, health, error, evaluatedAt, nanos, others);
    }
}
