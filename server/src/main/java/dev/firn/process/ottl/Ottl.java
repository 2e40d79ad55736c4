package dev.firn.process.ottl;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Checks statements and conditions and makes them run.
public final class Ottl {
    /// Statements of one context, and the conditions of which one must hold for them to run.
    ///
    /// @param problems of all texts; only without errors among them may the others be used
    public record Group(
            List<Condition> conditions, List<Statement> statements, List<Problem> problems) {
        public Group {
            conditions = List.copyOf(conditions);
            statements = List.copyOf(statements);
            problems = List.copyOf(problems);
        }
    }

    private static final String CONTEXTS = "datapoint, metric, scope or resource";

    private final ZoneId zone;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Condition> conditions = new ArrayList<>();
    private final List<Statement> statements = new ArrayList<>();

    private Ottl(ZoneId zone) {
        this.zone = zone;
    }

    /// Checks a group.
    ///
    /// @param context null to infer it from the paths, which then must all begin with one
    public static Group check(
            @Nullable Context context, List<String> conditions, List<String> statements) {
        var ottl = new Ottl(ZoneId.systemDefault());
        ottl.group(context, conditions, statements);
        return new Group(ottl.conditions, ottl.statements, ottl.problems);
    }

    /// Checks the conditions of a filter, each of which has a context of its own if it must be
    /// inferred.
    public static Group checkConditions(@Nullable Context context, List<String> conditions) {
        var ottl = new Ottl(ZoneId.systemDefault());
        for (int i = 0; i < conditions.size(); i++) {
            ottl.group(context, i, conditions.get(i));
        }
        return new Group(ottl.conditions, List.of(), ottl.problems);
    }

    private void group(
            @Nullable Context given, List<String> conditionTexts, List<String> statementTexts) {
        var parsedConditions = new ArrayList<@Nullable Syntax>();
        var parsedStatements = new ArrayList<Syntax.@Nullable Statement>();
        var hints = new Hints();
        for (int i = 0; i < conditionTexts.size(); i++) {
            parsedConditions.add(parsedCondition(i, conditionTexts.get(i), hints));
        }
        for (int i = 0; i < statementTexts.size(); i++) {
            parsedStatements.add(parsedStatement(i, statementTexts.get(i), hints));
        }
        Context context = given == null ? hints.inferred() : given;
        if (context == null) {
            if (problems.isEmpty()) {
                boolean first = statementTexts.isEmpty();
                problems.add(new Problem(first, 0, hints.column(), false, noContext()));
            }
            return;
        }
        for (int i = 0; i < conditionTexts.size(); i++) {
            condition(context, given == null, i, conditionTexts.get(i), parsedConditions.get(i));
        }
        for (int i = 0; i < statementTexts.size(); i++) {
            statement(context, given == null, i, statementTexts.get(i), parsedStatements.get(i));
        }
    }

    private void group(@Nullable Context given, int index, String text) {
        var hints = new Hints();
        Syntax parsed = parsedCondition(index, text, hints);
        Context context = given == null ? hints.inferred() : given;
        if (context != null) {
            condition(context, given == null, index, text, parsed);
        } else if (parsed != null) {
            problems.add(new Problem(true, index, hints.column(), false, noContext()));
        }
    }

    private static String noContext() {
        return "the context is not known: paths begin with it, "
                + CONTEXTS
                + ", as in datapoint.attributes[\"key\"]";
    }

    private @Nullable Syntax parsedCondition(int index, String text, Hints hints) {
        try {
            Syntax parsed = Parser.condition(text);
            hints.visit(parsed);
            return parsed;
        } catch (Mistake mistake) {
            add(true, index, text, mistake);
            return null;
        }
    }

    private Syntax.@Nullable Statement parsedStatement(int index, String text, Hints hints) {
        try {
            Syntax.Statement parsed = Parser.statement(text);
            hints.visit(parsed.editor());
            if (parsed.where() != null) {
                hints.visit(parsed.where());
            }
            return parsed;
        } catch (Mistake mistake) {
            add(false, index, text, mistake);
            return null;
        }
    }

    private void condition(
            Context context, boolean required, int index, String text, @Nullable Syntax parsed) {
        if (parsed == null) {
            return;
        }
        try {
            var checker = new Checker(context, required, zone);
            Predicate<Subject> test = checker.test(parsed).run();
            conditions.add(new Condition(text, test, checker.touchesPoint()));
        } catch (Mistake mistake) {
            add(true, index, text, mistake);
        }
    }

    private void statement(
            Context context,
            boolean required,
            int index,
            String text,
            Syntax.@Nullable Statement parsed) {
        if (parsed == null) {
            return;
        }
        try {
            var checker = new Checker(context, required, zone);
            Expression editor = checker.editor(parsed.editor());
            Predicate<Subject> where =
                    parsed.where() == null ? subject -> true : checker.test(parsed.where()).run();
            statements.add(
                    new Statement(
                            text, editor, where, checker.touchesPoint(), checker.touchesCache()));
        } catch (Mistake mistake) {
            add(false, index, text, mistake);
        }
    }

    private void add(boolean inConditions, int index, String text, Mistake mistake) {
        String what = mistake.text();
        if (mistake.isWarning()) {
            what +=
                    "; it is left out (points are partitioned by their own time and need no"
                            + " attribute for that); write "
                            + text.replace("time_unix_nano", "time")
                            + " if you want the attribute, which makes more series";
        }
        problems.add(new Problem(inConditions, index, mistake.at() + 1, mistake.isWarning(), what));
    }

    /// What the texts of a group say about its context: that of the path that is most special, if
    /// it knows the enum symbols, else one that does.
    private static final class Hints {
        private @Nullable Context best;
        private final Set<String> symbols = new HashSet<>();
        private int firstPath = -1;

        int column() {
            return Math.max(0, firstPath) + 1;
        }

        @Nullable Context inferred() {
            if (best == null) {
                return null;
            }
            for (int i = best.ordinal(); i >= 0; i--) {
                Context candidate = Context.values()[i];
                if (symbols.stream().allMatch(name -> candidate.symbol(name) != null)) {
                    return candidate;
                }
            }
            return best;
        }

        void visit(Syntax syntax) {
            switch (syntax) {
                case Syntax.Literal literal -> {}
                case Syntax.Symbol symbol -> symbols.add(symbol.name());
                case Syntax.Path path -> path(path);
                case Syntax.Call call -> {
                    call.arguments().forEach(argument -> visit(argument.value()));
                    call.keys().forEach(this::visit);
                }
                case Syntax.Items items -> items.items().forEach(this::visit);
                case Syntax.Entries entries -> entries.values().forEach(this::visit);
                case Syntax.Calculation sum -> {
                    visit(sum.left());
                    visit(sum.right());
                }
                case Syntax.Negation negation -> visit(negation.of());
                case Syntax.Comparison comparison -> {
                    visit(comparison.left());
                    visit(comparison.right());
                }
                case Syntax.All all -> all.parts().forEach(this::visit);
                case Syntax.Any any -> any.parts().forEach(this::visit);
                case Syntax.Not not -> visit(not.of());
            }
        }

        private void path(Syntax.Path path) {
            if (firstPath < 0) {
                firstPath = path.at();
            }
            for (Syntax.Segment segment : path.segments()) {
                segment.keys().forEach(this::visit);
            }
            Context named =
                    path.segments().size() > 1
                            ? Context.named(path.segments().getFirst().name())
                            : null;
            if (named != null && (best == null || named.ordinal() < best.ordinal())) {
                best = named;
            }
        }
    }
}
