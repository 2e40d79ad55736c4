package dev.firn.ops.health;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.receive.PlaneWatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Receivers and what comes through them, by plane.
public final class ReceiverProbe implements Probe {
    private static final long RECENT_SECONDS = 300;
    private static final int PLANES_SHOWN = 50;

    /// A start may take that long, with a log to be read again.
    private static final long START_NANOS = 60_000_000_000L;

    private static final String ACCEPTED = "otelcol_receiver_accepted_metric_points";
    private static final String REFUSED = "otelcol_receiver_refused_metric_points";
    private static final String AHEAD = "firn_receive_future_points";

    private final OwnMetrics metrics;
    private final BooleanSupplier receiving;
    private final PlaneWatch planes;
    private final Clock clock;
    private final long began;

    /// @param receiving whether the receivers accept
    public ReceiverProbe(
            OwnMetrics metrics,
            BooleanSupplier receiving,
            PlaneWatch planes,
            Clock clock,
            History history) {
        this.metrics = metrics;
        this.receiving = receiving;
        this.planes = planes;
        this.clock = clock;
        this.began = clock.ticks();
        for (String name : List.of(ACCEPTED, REFUSED, AHEAD)) {
            history.watchCounter(name, () -> metrics.value(name));
        }
    }

    @Override
    public List<Finding> look(History history) {
        var findings = new ArrayList<Finding>();
        findings.add(receivers(history));
        findings.add(refused(history));
        findings.add(seriesLimit());
        findings.add(clocks(history));
        findings.addAll(freshness());
        return findings;
    }

    private Finding receivers(History history) {
        if (!receiving.getAsBoolean() && clock.ticks() - began < START_NANOS) {
            return Finding.waiting("receivers", Section.RECEIVERS, "starting");
        }
        if (!receiving.getAsBoolean()) {
            return new Finding(
                    "receivers",
                    Section.RECEIVERS,
                    State.CRITICAL,
                    "not accepting",
                    "",
                    "while it starts, wait; else see the check log, or Firn's own output for what it"
                            + " waits for");
        }
        if (!(metrics.value(ACCEPTED) > 0) && planes.planes().isEmpty()) {
            return Finding.waiting(
                    "receivers",
                    Section.RECEIVERS,
                    "accepting; no point so far: send OTLP to a receiver of the configuration");
        }
        double seconds = history.seconds(RECENT_SECONDS);
        return Finding.fine(
                "receivers",
                Section.RECEIVERS,
                "accepting, "
                        + Shown.count(history.increase(ACCEPTED, RECENT_SECONDS))
                        + " points in "
                        + Shown.seconds(seconds));
    }

    private Finding refused(History history) {
        double refused = history.increase(REFUSED, RECENT_SECONDS);
        double all = refused + history.increase(ACCEPTED, RECENT_SECONDS);
        return Finding.upTo(
                "refused_points",
                Section.RECEIVERS,
                all == 0 ? 0 : refused / all,
                1e-9,
                0.1,
                Shown.count(refused) + " of " + Shown.count(all) + " points refused in 5 min",
                "none; critical from 10 %",
                "look at firn_receive_rejected_points_total (reason), firn_receive_refused_total"
                        + " (limit) and firn_wal_refused_total (reason)");
    }

    private Finding seriesLimit() {
        double active = metrics.value("firn_series_active") / metrics.value("firn_series_max");
        double bytes = metrics.value("firn_series_bytes") / metrics.value("firn_series_bytes_max");
        return Finding.upTo(
                "series_limit",
                Section.RECEIVERS,
                Math.max(active, bytes),
                0.8,
                0.95,
                Shown.count(metrics.value("firn_series_active"))
                        + " active series, "
                        + Shown.percent(Math.max(active, bytes))
                        + " of what may be active",
                "80 %, critical 95 %",
                "drop the attribute that multiplies series (process it away with attributes or"
                        + " transform), or raise limits.series_max and the heap");
    }

    private static Finding clocks(History history) {
        double ahead = history.increase(AHEAD, RECENT_SECONDS);
        return Finding.upTo(
                "clocks",
                Section.AROUND,
                ahead,
                1,
                Double.POSITIVE_INFINITY,
                Shown.count(ahead) + " points from the future in 5 min",
                "none",
                "a sender's clock (or this machine's) is wrong: run NTP on both");
    }

    private List<Finding> freshness() {
        long now = clock.nanos();
        List<PlaneWatch.Plane> all =
                planes.planes().stream()
                        .filter(plane -> plane.newestNanos() > 0)
                        .sorted(Comparator.comparingLong(PlaneWatch.Plane::newestNanos))
                        .limit(PLANES_SHOWN)
                        .toList();
        if (all.isEmpty()) {
            return List.of(Finding.waiting("freshness", Section.FRESHNESS, "no data so far"));
        }
        return all.stream().map(plane -> fresh(plane, now)).toList();
    }

    private static Finding fresh(PlaneWatch.Plane plane, long now) {
        double age = Math.max(0, now - plane.newestNanos()) / 1e9;
        String name =
                (plane.environment().isEmpty() ? "-" : plane.environment())
                        + "/"
                        + (plane.dataPlane().isEmpty() ? "-" : plane.dataPlane());
        return Finding.upTo(
                "freshness " + name,
                Section.FRESHNESS,
                age,
                900,
                3_600,
                name
                        + ": "
                        + Shown.count(plane.points())
                        + " points since the start, the newest "
                        + Shown.seconds(age)
                        + " old",
                "15 min, critical 1 h",
                "look at the plane's own Collector or services: do they run, do they reach this"
                        + " receiver, are they refused?");
    }
}
