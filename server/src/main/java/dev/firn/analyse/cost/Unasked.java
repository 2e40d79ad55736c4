package dev.firn.analyse.cost;

import dev.firn.query.Answer;
import dev.firn.query.Queries;
import dev.firn.query.Queries.Question;
import dev.firn.query.Queries.UserClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A metric that nobody asked for in 30 days, or since asking is counted.
///
/// @param series that it had in the last seven days
/// @param cost of this month
/// @param since seconds since 1970, when counting began
record Unasked(String metric, long series, double cost, long since) {
    private static final int MOST = 1_000;

    /// The dearest first.
    static List<Unasked> read(Queries queries) throws InterruptedException {
        Answer answer =
                queries.ask(
                        new Question(
                                "cost/read_unasked",
                                Map.of("most", Integer.toString(MOST)),
                                UserClass.SCHEDULED,
                                false));
        var all = new ArrayList<Unasked>(answer.size());
        for (int row = 0; row < answer.size(); row++) {
            all.add(
                    new Unasked(
                            answer.text(row, 0),
                            answer.number(row, 1),
                            answer.real(row, 2),
                            answer.number(row, 4)));
        }
        return all;
    }
}
