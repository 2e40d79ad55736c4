package dev.firn.process.ottl;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/// The functions by name. Others of OTTL are refused by name.
final class Functions {
    /// @param parameters names; `?` behind one says that it may be left out
    record Editor(List<String> parameters, Function<Arguments, Expression> make) {}

    /// @param type of the result
    record Converter(List<String> parameters, Type type, Function<Arguments, Expression> make) {}

    private static final Map<String, Editor> EDITORS = Editors.all();
    private static final Map<String, Converter> CONVERTERS = Converters.all();

    private Functions() {}

    static Expression editor(Checker checker, Syntax.Call call) {
        Editor editor = EDITORS.get(call.name());
        if (editor == null) {
            throw unknown(call, "editor", EDITORS);
        }
        return editor.make.apply(new Arguments(checker, call, editor.parameters));
    }

    static Checked converter(Checker checker, Syntax.Call call) {
        Converter converter = CONVERTERS.get(call.name());
        if (converter == null) {
            throw unknown(call, "converter", CONVERTERS);
        }
        Expression run = converter.make.apply(new Arguments(checker, call, converter.parameters));
        return Checked.computed(call.at(), converter.type, run);
    }

    private static Mistake unknown(Syntax.Call call, String kind, Map<String, ?> known) {
        return new Mistake(
                call.at(),
                "the "
                        + kind
                        + " \""
                        + call.name()
                        + "\" is not supported; supported are "
                        + String.join(", ", new TreeSet<>(known.keySet())));
    }
}
