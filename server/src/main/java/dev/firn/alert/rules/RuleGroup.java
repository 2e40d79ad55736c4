package dev.firn.alert.rules;

import java.util.List;
import java.util.OptionalLong;

/// Rules that are evaluated one after another.
///
/// @param file that it stands in
/// @param intervalMillis 0: that of whoever runs it
/// @param queryOffsetMillis of the time that expressions are evaluated at
/// @param limit of series of a rule; 0: none
public record RuleGroup(
        String file,
        String name,
        long intervalMillis,
        OptionalLong queryOffsetMillis,
        int limit,
        List<Rule> rules) {
    public RuleGroup {
        rules = List.copyOf(rules);
    }
}
