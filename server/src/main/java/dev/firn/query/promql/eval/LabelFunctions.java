package dev.firn.query.promql.eval;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.firn.query.promql.eval.VectorFunction.Arguments;
import dev.firn.query.promql.lang.Quoting;
import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// `label_replace` and `label_join`.
final class LabelFunctions {
    private LabelFunctions() {}

    static void register(Map<String, VectorFunction> functions) {
        functions.put("label_replace", LabelFunctions::replace);
        functions.put("label_join", LabelFunctions::join);
    }

    private static List<Column> replace(Arguments arguments) {
        String target = arguments.text(1);
        String replacement = arguments.text(2);
        String source = arguments.text(3);
        Pattern pattern = pattern(arguments.text(4));
        check("destination", "label_replace", target);
        return change(
                arguments,
                target,
                labels -> {
                    Matcher matcher = pattern.matcher(labels.get(source));
                    return matcher.matches()
                            ? Optional.of(labels.with(target, expand(replacement, matcher)))
                            : Optional.empty();
                });
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile("^(?s:" + text + ")$");
        } catch (PatternSyntaxException e) {
            throw QueryException.execution(
                    "invalid regular expression in label_replace(): " + text);
        }
    }

    /// `$1`, `${name}` and `$$`, as Go's `Expand`: the longest name counts, unknown ones are empty.
    private static String expand(String template, Matcher matcher) {
        var out = new StringBuilder();
        int i = 0;
        while (i < template.length()) {
            char c = template.charAt(i++);
            if (c != '$' || i == template.length()) {
                out.append(c);
            } else if (template.charAt(i) == '$') {
                out.append('$');
                i++;
            } else {
                boolean braces = template.charAt(i) == '{';
                int start = braces ? i + 1 : i;
                int end = start;
                while (end < template.length() && isName(template.charAt(end))) {
                    end++;
                }
                boolean closed =
                        !braces || (end < template.length() && template.charAt(end) == '}');
                if (end == start || !closed) {
                    out.append('$');
                    continue;
                }
                out.append(group(template.substring(start, end), matcher));
                i = braces ? end + 1 : end;
            }
        }
        return out.toString();
    }

    private static boolean isName(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private static String group(String name, Matcher matcher) {
        String value;
        if (name.matches("[0-9]{1,9}")) {
            int group = Integer.parseInt(name);
            value = group <= matcher.groupCount() ? matcher.group(group) : null;
        } else {
            try {
                value = matcher.group(name);
            } catch (IllegalArgumentException e) {
                value = null;
            }
        }
        return value == null ? "" : value;
    }

    private static List<Column> join(Arguments arguments) {
        String target = arguments.text(1);
        String separator = arguments.text(2);
        var sources = new ArrayList<String>();
        for (int i = 3; i < arguments.count(); i++) {
            sources.add(arguments.text(i));
            check("source", "label_join", arguments.text(i));
        }
        check("destination", "label_join", target);
        return change(
                arguments,
                target,
                labels -> {
                    var values = sources.stream().map(labels::get).toList();
                    return Optional.of(labels.with(target, String.join(separator, values)));
                });
    }

    private static void check(String what, String function, String label) {
        if (!Quoting.isLabelName(label)) {
            throw QueryException.execution(
                    "invalid " + what + " label name in " + function + "(): " + label);
        }
    }

    private static List<Column> change(
            Arguments arguments, String target, Function<Labels, Optional<Labels>> change) {
        boolean name = target.equals(Labels.NAME);
        var result = new ArrayList<Column>();
        for (Column column : arguments.vector(0)) {
            result.add(
                    change.apply(column.labels())
                            .map(labels -> column.named(labels, column.dropName() && !name))
                            .orElse(column));
        }
        return Columns.merge(result);
    }
}
