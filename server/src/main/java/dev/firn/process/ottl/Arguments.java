package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The arguments of a call, by the names of its parameters.
final class Arguments {
    private final Checker checker;
    private final Syntax.Call call;
    private final List<String> parameters;
    private final @Nullable Syntax[] given;

    /// @param parameters their names; a `?` behind one says that it may be left out
    Arguments(Checker checker, Syntax.Call call, List<String> parameters) {
        this.checker = checker;
        this.call = call;
        this.parameters = parameters.stream().map(name -> name.replace("?", "")).toList();
        given = new Syntax[parameters.size()];
        deal();
        for (int i = 0; i < given.length; i++) {
            if (given[i] == null && !parameters.get(i).endsWith("?")) {
                throw wrongNumber();
            }
        }
    }

    private void deal() {
        boolean named = false;
        for (int i = 0; i < call.arguments().size(); i++) {
            Syntax.Argument argument = call.arguments().get(i);
            int to = i;
            if (argument.name() != null) {
                named = true;
                to = parameters.indexOf(argument.name());
                if (to < 0) {
                    throw new Mistake(
                            argument.at(),
                            call.name()
                                    + "() has no parameter \""
                                    + argument.name()
                                    + "\"; it has "
                                    + String.join(", ", parameters));
                }
            } else if (named) {
                throw new Mistake(
                        argument.at(), "an argument without a name stands behind a named one");
            }
            if (to >= given.length) {
                throw wrongNumber();
            }
            if (given[to] != null) {
                throw new Mistake(
                        argument.at(), "the parameter " + parameters.get(to) + " is given twice");
            }
            given[to] = argument.value();
        }
    }

    private Mistake wrongNumber() {
        return new Mistake(
                call.at(),
                call.name()
                        + "("
                        + String.join(", ", parameters)
                        + ") is given "
                        + call.arguments().size()
                        + " argument"
                        + (call.arguments().size() == 1 ? "" : "s"));
    }

    int at() {
        return call.at();
    }

    boolean has(String name) {
        return given[parameters.indexOf(name)] != null;
    }

    private Syntax syntax(String name) {
        Syntax found = given[parameters.indexOf(name)];
        if (found == null) {
            throw new IllegalStateException(name + " was not given");
        }
        return found;
    }

    Checked value(String name) {
        return checker.value(syntax(name));
    }

    Expression text(String name) {
        return value(name).mustBe(Type.TEXT).run();
    }

    /// A path that can be set.
    Place target(String name) {
        Checked checked = value(name);
        Field field = checked.path();
        if (field == null) {
            throw new Mistake(checked.at(), name + " must be a path");
        }
        if (!field.readOnly().isEmpty()) {
            throw new Mistake(checked.at(), field.readOnly());
        }
        return field.place();
    }

    String literalText(String name) {
        if (syntax(name) instanceof Syntax.Literal(int at, AttributeValue.Text(String text))) {
            return text;
        }
        throw new Mistake(syntax(name).at(), name + " must be a text in double quotes");
    }

    long literalInt(String name) {
        if (syntax(name) instanceof Syntax.Literal(int at, AttributeValue.Int(long value))) {
            return value;
        }
        throw new Mistake(syntax(name).at(), name + " must be an integer");
    }

    boolean literalBool(String name) {
        if (syntax(name) instanceof Syntax.Literal(int at, AttributeValue.Bool(boolean value))) {
            return value;
        }
        throw new Mistake(syntax(name).at(), name + " must be true or false");
    }

    List<Syntax> list(String name) {
        if (syntax(name) instanceof Syntax.Items(int at, List<Syntax> items)) {
            return items;
        }
        throw new Mistake(syntax(name).at(), name + " must be a list in brackets");
    }

    List<Expression> items(String name) {
        return list(name).stream().map(item -> checker.value(item).run()).toList();
    }

    List<Expression> texts(String name) {
        return list(name).stream()
                .map(item -> checker.value(item).mustBe(Type.TEXT).run())
                .toList();
    }

    List<String> literalTexts(String name) {
        var texts = new ArrayList<String>();
        for (Syntax item : list(name)) {
            if (!(item instanceof Syntax.Literal(int at, AttributeValue.Text(String text)))) {
                throw new Mistake(item.at(), name + " must be a list of texts");
            }
            texts.add(text);
        }
        return texts;
    }

    /// Refuses a parameter that the Collector has.
    void refuse(String name, String instead) {
        if (has(name)) {
            throw new Mistake(
                    syntax(name).at(),
                    "the parameter "
                            + name
                            + " of "
                            + call.name()
                            + "() is not supported"
                            + instead);
        }
    }

    java.time.ZoneId zone() {
        return checker.zone();
    }

    Mistake mistake(String name, String text) {
        return new Mistake(syntax(name).at(), text);
    }
}
