package dev.firn.process;

import dev.firn.config.StatementGroup;
import dev.firn.config.TransformProcessorConfig;
import dev.firn.process.ottl.Condition;
import dev.firn.process.ottl.EvaluationException;
import dev.firn.process.ottl.Ottl;
import dev.firn.process.ottl.Statement;
import dev.firn.process.ottl.Subject;
import java.util.ArrayList;
import java.util.List;

/// `transform`: OTTL statements. A group is cut where it changes between statements about identity
/// and statements about points, so that the former run once for each series, unless its statements
/// hang together through conditions or `cache`.
final class TransformProcessor {
    private TransformProcessor() {}

    static List<Step> steps(
            String name, TransformProcessorConfig config, Kit kit, List<String> problems) {
        var steps = new ArrayList<Step>();
        for (StatementGroup group : config.metricStatements()) {
            Ottl.Group checked = kit.check(group, problems);
            addSteps(checked, kit.errors(name, group.errorMode()), steps);
        }
        return steps;
    }

    private static void addSteps(Ottl.Group group, ErrorHandling errors, List<Step> steps) {
        boolean tied =
                !group.conditions().isEmpty()
                        || group.statements().stream().anyMatch(Statement::usesCache);
        if (tied) {
            boolean ofPoints =
                    group.conditions().stream().anyMatch(Condition::ofPoints)
                            || group.statements().stream().anyMatch(Statement::ofPoints);
            steps.add(new Statements(group.conditions(), group.statements(), ofPoints, errors));
            return;
        }
        var run = new ArrayList<Statement>();
        for (Statement statement : group.statements()) {
            if (!run.isEmpty() && run.getLast().ofPoints() != statement.ofPoints()) {
                steps.add(statements(run, errors));
                run.clear();
            }
            run.add(statement);
        }
        if (!run.isEmpty()) {
            steps.add(statements(run, errors));
        }
    }

    private static Step statements(List<Statement> run, ErrorHandling errors) {
        return new Statements(List.of(), List.copyOf(run), run.getLast().ofPoints(), errors);
    }

    private record Statements(
            List<Condition> conditions,
            List<Statement> statements,
            boolean ofPoints,
            ErrorHandling errors)
            implements Step {
        @Override
        public boolean apply(Subject subject) {
            subject.newCache();
            if (!conditions.isEmpty() && !anyHolds(subject)) {
                return true;
            }
            for (Statement statement : statements) {
                try {
                    statement.run(subject);
                } catch (EvaluationException e) {
                    errors.failed(statement.text(), e);
                }
            }
            return true;
        }

        private boolean anyHolds(Subject subject) {
            for (Condition condition : conditions) {
                try {
                    if (condition.holds(subject)) {
                        return true;
                    }
                } catch (EvaluationException e) {
                    errors.failed(condition.text(), e);
                }
            }
            return false;
        }

        @Override
        public boolean renames() {
            return true;
        }

        @Override
        public void dropped(long points) {
            throw new IllegalStateException("the transform processor drops nothing");
        }
    }
}
