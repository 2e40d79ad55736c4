package dev.firn.alert.rules;

import dev.firn.query.AlertBook.Decision;
import dev.firn.query.promql.eval.QueryResult;
import dev.firn.query.promql.eval.SeriesSource;
import java.util.List;

/// Where rules get their answers, and where what they make goes.
public interface RuleStore {
    /// Answers an expression.
    ///
    /// @param beside series that count, too
    /// @throws dev.firn.query.promql.eval.QueryException or ParseException or WorldException
    QueryResult instant(String expr, long timeMillis, SeriesSource beside);

    /// Answers an expression over the stored points, at several times.
    QueryResult range(String expr, long startMillis, long endMillis, long stepMillis);

    /// Stores samples durably.
    ///
    /// @throws dev.firn.base.WorldException if that is not possible now
    void record(List<Outcome> samples);

    /// Enters the alerts that hold now into the book, which takes all others of rules for ended.
    void decide(List<Decision> holding, long nowMillis) throws InterruptedException;
}
