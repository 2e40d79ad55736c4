package dev.firn.analyse.cost;

import dev.firn.query.Answer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/// By what stored bytes are divided: rows of each group and type, and the values in their lists.
/// What has no rows is nobody's.
record Weights(List<Row> rows) {
    static final Weights NONE = new Weights(List.of());

    Weights {
        rows = List.copyOf(rows);
    }

    /// One group's rows of a type.
    ///
    /// @param type of metric; empty if it does not matter
    /// @param rows of points
    /// @param elements rows times buckets
    record Row(Group group, String type, long rows, long elements) {
        private Row plus(Row other) {
            return new Row(group, type, rows + other.rows, elements + other.elements);
        }

        boolean number() {
            return type.equals("gauge") || type.equals("sum");
        }
    }

    /// Of answers of `cost/read_point_weights` or `cost/read_row_weights`, of parts of the series.
    static Weights of(List<Answer> answers) {
        var sums = new LinkedHashMap<List<Object>, Row>();
        for (Answer answer : answers) {
            for (int row = 0; row < answer.size(); row++) {
                Row one = row(answer, row);
                sums.merge(List.of(one.group, one.type), one, Row::plus);
            }
        }
        return new Weights(List.copyOf(sums.values()));
    }

    private static Row row(Answer answer, int row) {
        return new Row(
                new Group(
                        answer.text(row, 0),
                        answer.text(row, 1),
                        answer.text(row, 2),
                        answer.text(row, 3),
                        answer.text(row, 4),
                        ""),
                answer.text(row, 5),
                answer.number(row, 6),
                answer.number(row, 7));
    }

    /// Those that have a part in something.
    Weights only(Predicate<Row> which) {
        return new Weights(rows.stream().filter(which).toList());
    }

    /// Divides bytes, to the byte.
    ///
    /// @param weight of a row
    void divide(Quantities into, Meter meter, long bytes, ToLongFunction<Row> weight) {
        long[] weights = rows.stream().mapToLong(weight).toArray();
        long sum = 0;
        for (long one : weights) {
            sum += one;
        }
        if (sum == 0) {
            into.add(meter, Group.UNATTRIBUTED, bytes);
            return;
        }
        long[] parts = LargestRemainder.divide(bytes, weights);
        for (int i = 0; i < parts.length; i++) {
            into.add(meter, rows.get(i).group(), parts[i]);
        }
    }
}
