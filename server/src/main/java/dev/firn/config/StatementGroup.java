package dev.firn.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Statements or conditions of one context.
///
/// @param context `resource`, `scope`, `metric`, `datapoint`; empty: inferred from the paths, which
///   then begin with it (`datapoint.attributes`)
/// @param conditions the statements run where one of them holds; empty: everywhere. In `filter`,
///   what one of them holds for is dropped
/// @param statements empty in `filter`
public record StatementGroup(
        String context,
        ErrorMode errorMode,
        List<Statement> conditions,
        List<Statement> statements) {
    public StatementGroup {
        conditions = List.copyOf(conditions);
        statements = List.copyOf(statements);
    }

    private static final List<String> CONTEXTS =
            List.of("resource", "scope", "metric", "datapoint");

    /// Both ways of writing: a list of texts is one group whose context is inferred, a list of
    /// mappings has one group each.
    ///
    /// @param texts key of the texts in a mapping: `statements` or `conditions`
    static List<StatementGroup> list(
            Section section, String key, String texts, ErrorMode errorMode) {
        if (section.holdsTexts(key)) {
            List<Statement> all = section.statements(key);
            return List.of(
                    texts.equals("statements")
                            ? new StatementGroup("", errorMode, List.of(), all)
                            : new StatementGroup("", errorMode, all, List.of()));
        }
        var groups = new ArrayList<StatementGroup>();
        for (Section one : section.sections(key)) {
            groups.add(group(one, texts, errorMode));
        }
        return List.copyOf(groups);
    }

    private static StatementGroup group(Section section, String texts, ErrorMode errorMode) {
        String context = section.text("context", "").toLowerCase(Locale.ROOT);
        if (!context.isEmpty() && !CONTEXTS.contains(context)) {
            section.problem(
                    "context",
                    "Firn has no context \""
                            + context
                            + "\" for metrics; write one of "
                            + String.join(", ", CONTEXTS));
        }
        List<Statement> conditions = section.statements("conditions");
        List<Statement> statements =
                texts.equals("statements") ? section.statements("statements") : List.of();
        if (section.statements(texts).isEmpty()) {
            section.warning("has no " + texts + ", so that it does nothing; take it out");
        }
        var group =
                new StatementGroup(
                        context,
                        section.choice("error_mode", errorMode, ErrorMode.class),
                        conditions,
                        statements);
        if (section.bool("shared_cache", false)) {
            section.problem(
                    "shared_cache", "Firn's groups share no cache; put them into one group");
        }
        section.close();
        return group;
    }
}
