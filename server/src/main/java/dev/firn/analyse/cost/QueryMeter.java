package dev.firn.analyse.cost;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.query.CostBook;
import dev.firn.query.QueryCosts;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes down what queries took, by who asked and for which metric. What the engine's process told
/// and the number of its telling are written in one transaction, so that each counts once.
public final class QueryMeter implements Worker.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(QueryMeter.class);
    private static final long PAUSE_MILLIS = 3_000;
    private static final int HOUR_SECONDS = 3_600;

    private final QueryCosts costs;
    private final CostBook book;
    private final int groupsMax;
    private final Clock clock;
    private final Throttle complaints;
    private final Counter rounds;
    private final Set<Group> ofHour = new HashSet<>();
    private int hour;
    private QueryCosts.Place written = QueryCosts.Place.NONE;

    /// @param groupsMax sources and metrics that are told apart in an hour: anyone may name any
    public QueryMeter(
            QueryCosts costs, CostBook book, int groupsMax, Clock clock, OwnMetrics metrics) {
        this.costs = costs;
        this.book = book;
        this.groupsMax = groupsMax;
        this.clock = clock;
        this.complaints = new Throttle(clock, 600);
        this.rounds =
                metrics.counter(
                        "firn_cost_query_readings",
                        "Readings of what queries took in the engine.",
                        "outcome");
        rounds.labelValues("done").inc(0);
        rounds.labelValues("failed").inc(0);
    }

    @Override
    public void run() throws InterruptedException {
        Thread.sleep(PAUSE_MILLIS);
        try {
            write();
            rounds.labelValues("done").inc();
        } catch (RuntimeException e) {
            rounds.labelValues("failed").inc();
            if (complaints.permit() >= 0) {
                LOG.warn("cannot count what queries took: {}", e.getMessage());
            }
        }
    }

    /// Writes down what was told since the last time.
    void write() throws InterruptedException {
        QueryCosts.Told told = costs.after(written);
        String writer = "queries/" + told.place().process();
        long number = told.place().number();
        if (!told.costs().isEmpty() && book.place(writer).cut() < number) {
            begin((int) (clock.millis() / 1_000 / HOUR_SECONDS));
            var quantities = new Quantities();
            for (QueryCosts.Cost one : told.costs()) {
                Group group = group(one);
                quantities.add(Meter.QUERY_MICROSECONDS, group, one.micros());
                quantities.add(Meter.QUERY_READ_BYTES, group, one.bytes());
            }
            book.asked(told.uses(), clock.millis() / 1_000);
            book.add(
                    writer,
                    new CostBook.Place(number, hour, 0),
                    CutMeter.entries(quantities, hour * (long) HOUR_SECONDS, HOUR_SECONDS),
                    new long[0]);
        }
        written = told.place();
    }

    private void begin(int now) {
        if (now > hour) {
            hour = now;
            ofHour.clear();
        }
    }

    private Group group(QueryCosts.Cost cost) {
        var group = new Group("", "", "", "", cost.metric(), cost.source());
        if (ofHour.contains(group)) {
            return group;
        }
        return ofHour.size() < groupsMax && ofHour.add(group) ? group : Group.OVERFLOW;
    }
}
