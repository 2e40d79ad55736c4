package dev.firn.analyse.cost;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.config.CostConfig;
import dev.firn.query.AlertBook;
import dev.firn.query.CostBook;
import dev.firn.query.LakeSizes;
import dev.firn.query.Queries;
import dev.firn.query.ResultTables;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads every five minutes what engine and lake hold and divides it; the last reading of an hour
/// is the hour's. Shows all that was metered in the engine, and holds it against budgets.
public final class CostEvaluator implements Worker.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(CostEvaluator.class);
    private static final long PAUSE_MILLIS = 1_000;
    private static final long READ_SECONDS = 300;
    private static final long SHOW_SECONDS = 15;
    private static final long HOUR = 3_600;

    /// Share of the time that readings may take; after a long one the next waits.
    private static final double SHARE_MAX = 0.02;

    private final CostConfig config;
    private final Queries queries;
    private final StoredBytes stored;
    private final @Nullable LakeSizes lake;
    private final CostBook book;
    private final CostTables tables;
    private final Budgets budgets;
    private final AlertBook alerts;
    private final Clock clock;
    private final Throttle complaints;
    private final Counter rounds;
    private final Gauge attributed;
    private String pricesText = "";
    private Prices prices = Prices.NONE;
    private boolean defined;
    private long readAt = Long.MIN_VALUE / 2; // ticks
    private long readTook;
    private long shownAt = Long.MIN_VALUE / 2;
    private long agedDay;
    private List<Unasked> unasked = List.of();
    private volatile Map<String, Object> answer = Map.of("meters", List.of());
    private volatile @Nullable String trouble;

    /// @param lake null without one
    public CostEvaluator(
            CostConfig config,
            Queries queries,
            ResultTables tables,
            @Nullable LakeSizes lake,
            CostBook book,
            AlertBook alerts,
            Clock clock,
            OwnMetrics metrics) {
        this.config = config;
        this.queries = queries;
        this.stored = new StoredBytes(queries, config.team());
        this.lake = lake;
        this.book = book;
        this.tables = new CostTables(tables, book);
        this.budgets = new Budgets(book);
        this.alerts = alerts;
        this.clock = clock;
        this.complaints = new Throttle(clock, 600);
        this.rounds =
                metrics.counter(
                        "firn_cost_readings", "Readings of what engine and lake hold.", "outcome");
        this.attributed =
                metrics.gauge(
                        "firn_cost_attributed_ratio",
                        "Share of the bytes on disk that is somebody's, at the last reading.",
                        "store");
        prices = Prices.open(config.prices());
        pricesText = config.prices().isEmpty() ? "" : Prices.text(config.prices());
    }

    @Override
    public void run() throws InterruptedException {
        Thread.sleep(PAUSE_MILLIS);
        try {
            long now = clock.millis() / 1_000;
            reread(now);
            if (!defined) {
                define();
            }
            long ticks = clock.ticks();
            long wait = Math.max(READ_SECONDS * 1_000_000_000L, (long) (readTook / SHARE_MAX));
            if (ticks - readAt >= wait) {
                read(now);
                rounds.labelValues("done").inc();
                readAt = ticks;
                unasked = Unasked.read(queries);
                readTook = clock.ticks() - ticks;
            }
            if (ticks - shownAt >= SHOW_SECONDS * 1_000_000_000L) {
                show(now);
                shownAt = ticks;
            }
            trouble = null;
        } catch (RuntimeException e) {
            defined = false;
            rounds.labelValues("failed").inc();
            trouble = "costs cannot be read: " + e.getMessage();
            if (complaints.permit() >= 0) {
                LOG.warn("cannot read costs", e);
            }
            Thread.sleep(4 * PAUSE_MILLIS);
        }
    }

    /// Makes tables and views, and fills them.
    public void define() throws InterruptedException {
        long now = clock.millis() / 1_000;
        tables.showAll(now);
        tables.show(prices, now);
        defined = true;
    }

    private void reread(long now) throws InterruptedException {
        if (config.prices().isEmpty()) {
            return;
        }
        try {
            String text = Prices.text(config.prices());
            if (!text.equals(pricesText)) {
                prices = Prices.read(config.prices(), text);
                pricesText = text;
                if (defined) {
                    tables.show(prices, now);
                }
            }
        } catch (InputException e) {
            if (complaints.permit() >= 0) {
                LOG.warn("prices changed, but what they were before holds: {}", e.getMessage());
            }
        }
    }

    /// Reads the bytes on disk for the hour that runs.
    ///
    /// @param now seconds since 1970
    void read(long now) throws InterruptedException {
        Quantities engine = stored.engine();
        note("engine", engine, Meter.ENGINE_BYTE_HOURS);
        StoredBytes.addIdle(engine, prices, Meter.ENGINE_BYTE_HOURS);
        write(now, Meter.ENGINE_BYTE_HOURS, engine);
        if (lake != null) {
            Quantities its = stored.lake(lake.read());
            note("lake", its, Meter.LAKE_BYTE_HOURS);
            StoredBytes.addIdle(its, prices, Meter.LAKE_BYTE_HOURS);
            write(now, Meter.LAKE_BYTE_HOURS, its);
        }
    }

    private void write(long now, Meter meter, Quantities quantities) {
        long period = now / HOUR * HOUR;
        book.replace(
                period,
                List.of(meter.label()),
                CutMeter.entries(
                        Groups.within(quantities, meter, config.groupsMax()), period, HOUR));
    }

    private void note(String store, Quantities quantities, Meter meter) {
        long total = quantities.total(meter);
        long somebodys = 0;
        for (Map.Entry<Quantities.Key, Long> one : quantities.all().entrySet()) {
            if (!one.getKey().group().isSpecial()) {
                somebodys += one.getValue();
            }
        }
        attributed.labelValues(store).set(total == 0 ? 1 : (double) somebodys / total);
    }

    /// Shows what was metered, and decides on budgets.
    void show(long now) throws InterruptedException {
        long day = now / 86_400;
        if (day > agedDay && book.age(now)) {
            tables.showAll(now);
        } else {
            tables.showNew(now);
        }
        agedDay = day;
        Budgets.Month month = budgets.month(prices, now);
        alerts.decide(AlertBook.Source.COST, month.decisions(), now * 1_000);
        answer = CostView.of(prices, month, unasked, now);
    }

    /// The newest costs as JSON-able values.
    public Map<String, Object> answer() {
        return answer;
    }

    /// Why they are old; null if they are not.
    public @Nullable String trouble() {
        return trouble;
    }
}
