package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.VectorFunction.Arguments;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// `sort` and its like; answers over a range are in order of labels whatever they say.
final class SortFunctions {
    private SortFunctions() {}

    static void register(Map<String, VectorFunction> functions) {
        functions.put("sort", arguments -> byValue(arguments, false));
        functions.put("sort_desc", arguments -> byValue(arguments, true));
        functions.put("sort_by_label", arguments -> byLabel(arguments, false));
        functions.put("sort_by_label_desc", arguments -> byLabel(arguments, true));
    }

    private static List<Column> byValue(Arguments arguments, boolean descending) {
        remark(arguments);
        List<Column> numbers = numbers(arguments);
        if (arguments.grid().isInstant()) {
            numbers.sort(Selecting.byValue(0, descending));
        }
        return numbers;
    }

    private static List<Column> numbers(Arguments arguments) {
        var numbers = new ArrayList<Column>();
        for (Column column : arguments.vector(0)) {
            var out = new Column(column.labels(), column.dropName(), column.steps());
            for (int i = 0; i < column.steps(); i++) {
                if (column.isNumber(i)) {
                    out.set(i, column.value(i));
                }
            }
            if (!out.isEmpty()) {
                numbers.add(out);
            }
        }
        return numbers;
    }

    private static void remark(Arguments arguments) {
        if (!arguments.grid().isInstant()) {
            arguments.annotations().sortInRange(arguments.call().span());
        }
    }

    private static List<Column> byLabel(Arguments arguments, boolean descending) {
        remark(arguments);
        var columns = new ArrayList<>(arguments.vector(0));
        Comparator<Column> order = (a, b) -> 0;
        for (int i = 1; i < arguments.count(); i++) {
            String label = arguments.text(i);
            order =
                    order.thenComparing(
                            column -> column.labels().get(label), NaturalOrder.INSTANCE);
        }
        order = order.thenComparing(Column::labels);
        columns.sort(descending ? order.reversed() : order);
        return columns;
    }
}
