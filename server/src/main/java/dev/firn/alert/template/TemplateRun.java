package dev.firn.alert.template;

import dev.firn.alert.template.Node.Argument;
import dev.firn.alert.template.Node.Operand;
import dev.firn.alert.template.Node.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Fills in one template once (Go, text/template/exec).
final class TemplateRun {
    private static final int LENGTH_MAX = 1 << 20;
    private static final int STEPS_MAX = 100_000;

    private final TemplateData data;
    private final TemplateFunctions functions;
    private final StringBuilder out = new StringBuilder();
    private final List<Variable> variables = new ArrayList<>();
    private int steps;

    private static final class Variable {
        private final String name;
        private @Nullable Object value;

        private Variable(String name, @Nullable Object value) {
            this.name = name;
            this.value = value;
        }
    }

    TemplateRun(TemplateData data) {
        this.data = data;
        this.functions = new TemplateFunctions(data);
    }

    String run(List<Node> nodes) {
        variables.add(new Variable("$", data));
        variables.add(new Variable("$labels", data.labels()));
        variables.add(new Variable("$value", data.value()));
        variables.add(new Variable("$externalLabels", data.externalLabels()));
        variables.add(new Variable("$externalURL", data.externalUrl()));
        nodes(nodes, data);
        return out.toString();
    }

    private void nodes(List<Node> nodes, @Nullable Object dot) {
        int known = variables.size();
        for (Node node : nodes) {
            node(node, dot);
        }
        forget(known);
    }

    private void forget(int known) {
        variables.subList(known, variables.size()).clear();
    }

    private void node(Node node, @Nullable Object dot) {
        if (++steps > STEPS_MAX) {
            throw new TemplateException("it takes more than " + STEPS_MAX + " steps");
        }
        switch (node) {
            case Node.Text text -> print(text.text());
            case Node.Action action -> {
                Object value = pipe(action.pipe(), dot);
                if (action.pipe().variables().isEmpty()) {
                    print(GoFormat.print(value));
                }
            }
            case Node.Branch branch -> {
                int known = variables.size();
                Object value = pipe(branch.pipe(), dot);
                boolean holds = TemplateFunctions.isTrue(value);
                nodes(
                        holds ? branch.then() : branch.otherwise(),
                        branch.with() && holds ? value : dot);
                forget(known);
            }
            case Node.Range range -> range(range, dot);
        }
    }

    private void print(String text) {
        out.append(text);
        if (out.length() > LENGTH_MAX) {
            throw new TemplateException("the text becomes longer than " + LENGTH_MAX);
        }
    }

    private void range(Node.Range range, @Nullable Object dot) {
        Pipe pipe = range.pipe();
        int known = variables.size();
        Object over = pipe(new Pipe(List.of(), false, pipe.commands()), dot);
        var keys = new ArrayList<@Nullable Object>();
        var values = new ArrayList<@Nullable Object>();
        switch (over) {
            case null -> {}
            case List<?> list -> {
                for (Object one : list) {
                    keys.add((long) keys.size());
                    values.add(one);
                }
            }
            case Map<?, ?> map -> {
                var sorted = new TreeMap<String, @Nullable Object>();
                map.forEach((key, value) -> sorted.put(String.valueOf(key), value));
                keys.addAll(sorted.keySet());
                values.addAll(sorted.values());
            }
            default ->
                    throw new TemplateException("range can't iterate over " + GoFormat.print(over));
        }
        for (int i = 0; i < values.size(); i++) {
            List<String> names = pipe.variables();
            if (!names.isEmpty()) {
                set(names.getLast(), values.get(i), pipe.assigns());
            }
            if (names.size() > 1) {
                set(names.getFirst(), keys.get(i), pipe.assigns());
            }
            nodes(range.each(), values.get(i));
            forget(known);
        }
        if (values.isEmpty()) {
            nodes(range.otherwise(), dot);
        }
    }

    private void set(String name, @Nullable Object value, boolean assigns) {
        if (value instanceof String text && text.length() > LENGTH_MAX) {
            throw new TemplateException("a variable becomes longer than " + LENGTH_MAX);
        }
        if (assigns) {
            variable(name).value = value;
        } else {
            variables.add(new Variable(name, value));
        }
    }

    private Variable variable(String name) {
        return variables.reversed().stream()
                .filter(one -> one.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new TemplateException("undefined variable \"" + name + "\""));
    }

    private @Nullable Object pipe(Pipe pipe, @Nullable Object dot) {
        Object value = null;
        boolean first = true;
        for (List<Argument> command : pipe.commands()) {
            value = command(command, dot, first, value);
            first = false;
        }
        for (String name : pipe.variables()) {
            set(name, value, pipe.assigns());
        }
        return value;
    }

    private @Nullable Object command(
            List<Argument> command, @Nullable Object dot, boolean first, @Nullable Object before) {
        Argument head = command.getFirst();
        if (!(head.operand() instanceof Operand.Name name)) {
            if (command.size() > 1 || !first) {
                throw new TemplateException("can't give an argument to what is no function");
            }
            return value(head, dot);
        }
        if (name.name().equals("and") || name.name().equals("or")) {
            boolean and = name.name().equals("and");
            Object last = null;
            for (Argument one : command.subList(1, command.size())) {
                last = value(one, dot);
                if (TemplateFunctions.isTrue(last) != and) {
                    return last;
                }
            }
            return first ? last : before;
        }
        var arguments = new ArrayList<@Nullable Object>();
        for (Argument one : command.subList(1, command.size())) {
            arguments.add(value(one, dot));
        }
        if (!first) {
            arguments.add(before);
        }
        return fields(functions.call(name.name(), arguments), head.fields());
    }

    private @Nullable Object value(Argument argument, @Nullable Object dot) {
        Object value =
                switch (argument.operand()) {
                    case Operand.Dot _ -> dot;
                    case Operand.Variable variable -> variable(variable.name()).value;
                    case Operand.Constant constant -> constant.value();
                    case Operand.Name name -> functions.call(name.name(), List.of());
                    case Operand.Group group -> pipe(group.pipe(), dot);
                };
        return fields(value, argument.fields());
    }

    private static @Nullable Object fields(@Nullable Object from, List<String> fields) {
        Object value = from;
        for (String field : fields) {
            value = field(value, field);
        }
        return value;
    }

    /// A label that is not there is empty.
    private static @Nullable Object field(@Nullable Object of, String name) {
        return switch (of) {
            case Map<?, ?> map -> map.containsKey(name) ? map.get(name) : "";
            case TemplateSample sample when name.equals("Labels") -> sample.labels();
            case TemplateSample sample when name.equals("Value") -> sample.value();
            case TemplateData data ->
                    switch (name) {
                        case "Labels" -> data.labels();
                        case "Value" -> data.value();
                        case "ExternalLabels" -> data.externalLabels();
                        case "ExternalURL" -> data.externalUrl();
                        default -> throw noField(name);
                    };
            case null -> throw noField(name);
            default -> throw noField(name);
        };
    }

    private static TemplateException noField(String name) {
        return new TemplateException("can't evaluate field " + name);
    }
}
