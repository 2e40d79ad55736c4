package dev.firn.alert.rules;

import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.QueryResult;
import dev.firn.query.promql.eval.QueryValue;
import dev.firn.query.promql.value.Labels;
import java.util.List;

/// Answers expressions of rules at one time.
interface Asking {
    QueryResult at(String expr, long timeMillis);

    /// What a rule takes of an answer.
    default List<QueryValue.Sample> vector(String expr, long timeMillis) {
        return switch (at(expr, timeMillis).value()) {
            case QueryValue.Vector vector -> vector.samples();
            case QueryValue.Scalar scalar ->
                    List.of(new QueryValue.Sample(Labels.EMPTY, scalar.value(), null));
            case QueryValue.Text _, QueryValue.Matrix _ ->
                    throw new QueryException(
                            QueryException.Kind.EXECUTION, "rule result is not a vector or scalar");
        };
    }
}
