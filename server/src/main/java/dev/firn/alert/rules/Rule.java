package dev.firn.alert.rules;

import dev.firn.alert.template.Template;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// One rule of a group.
public sealed interface Rule {
    /// The alert's name, or the metric that is recorded.
    String name();

    String expr();

    /// Stores what the expression yields.
    ///
    /// @param labels that replace those of the same names
    record Recording(String name, String expr, Map<String, String> labels) implements Rule {
        public Recording {
            labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        }
    }

    /// An alert for each series that the expression yields.
    ///
    /// @param holdMillis it is pending for so long
    /// @param keepMillis it goes on firing for so long when the expression no longer yields it
    record Alerting(
            String name,
            String expr,
            Map<String, Template> labels,
            Map<String, Template> annotations,
            long holdMillis,
            long keepMillis)
            implements Rule {
        public Alerting {
            labels = Collections.unmodifiableMap(new TreeMap<>(labels));
            annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
        }
    }
}
