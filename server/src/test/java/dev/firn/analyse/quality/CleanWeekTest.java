package dev.firn.analyse.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.QualityConfig;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Seven days in which nothing is wrong, though much happens: bursts by day and night, clocks that
/// jitter, batches that come minutes late, processes that restart, roll-outs that replace all pods,
/// jobs that end.
class CleanWeekTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60;
    private static final long DAY = 86_400;
    private static final long BEGIN = 1_760_000_000L / DAY * DAY;
    private static final int SERVICES = 8;
    private static final int PODS = 3;
    private static final int DAYS = 7;

    private final HandClock clock = new HandClock();
    private final StreamWatch watch =
            new StreamWatch(QualityConfig.DEFAULTS, QualityRules.NONE, clock);
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000_000);
    private final Random random = new Random(3);
    private final TreeSet<String> incidents = new TreeSet<>();

    /// A pod with its series.
    private final class Pod {
        final int step;
        final Series requests;
        final Series level;
        final Series duration;
        boolean fresh = true;
        long start;
        long next;
        long count;

        Pod(int service, String name, long now) {
            step = new int[] {10, 15, 30, 60}[service % 4];
            start = now;
            next = now + random.nextInt(step);
            requests = series(service, name, "requests", MetricType.SUM);
            level = series(service, name, "level", MetricType.GAUGE);
            duration = series(service, name, "duration", MetricType.HISTOGRAM);
        }

        private Series series(int service, String name, String metric, MetricType type) {
            return registry.intern(
                    new Metric(
                            new Resource(
                                    FaultyFleet.attributes(
                                                    "service.name",
                                                    "s" + service,
                                                    "host.name",
                                                    name)
                                            .toJson(),
                                    "",
                                    0,
                                    ""),
                            new Scope("lib", "1", "{}", "", 0),
                            metric,
                            "1",
                            type,
                            type == MetricType.GAUGE
                                    ? Temporality.UNSPECIFIED
                                    : Temporality.CUMULATIVE,
                            type == MetricType.SUM,
                            "",
                            "{}"),
                    "{}");
        }

        void restart(long now) {
            start = now;
            count = 0;
        }

        /// Sends what is due until `now`.
        void send(long now) {
            var batch = new Batch();
            var rows = new ArrayList<int[]>();
            while (next <= now) {
                boolean burst = random.nextInt(50) == 0;
                count += random.nextInt(burst ? 100_000 : 50);
                long time = next * SECOND + random.nextInt(1_000) * 1_000_000L;
                long from = start * SECOND;
                batch.histograms.bounds.push(Double.doubleToRawLongBits(1));
                batch.histograms.counts.push(count);
                batch.histograms.counts.push(0);
                rows.add(
                        new int[] {
                            number(batch, requests, time, from, count),
                            number(batch, level, time, 0, random.nextGaussian()),
                            batch.histograms.add(
                                    duration, time, from, 0, count, (byte) 1, count, 0, 0)
                        });
                next += step;
            }
            if (rows.isEmpty()) {
                return;
            }
            watch.stored(run -> {
                run.take(requests, fresh, batch.numbers, rows(rows, 0), 0, rows.size());
                run.take(level, fresh, batch.numbers, rows(rows, 1), 0, rows.size());
                run.take(duration, fresh, batch.histograms, rows(rows, 2), 0, rows.size());
            });
            fresh = false;
        }

        private int number(Batch batch, Series series, long time, long from, double value) {
            return batch.numbers.add(
                    series, time, from, 0, Numbers.DOUBLE, Double.doubleToRawLongBits(value));
        }

        private int[] rows(List<int[]> rows, int of) {
            return rows.stream().mapToInt(row -> row[of]).toArray();
        }

        /// Ends with stale markers, as senders that are told to stop do.
        void end(long now) {
            var batch = new Batch();
            for (Series one : List.of(requests, level)) {
                int row =
                        batch.numbers.add(
                                one, now * SECOND, 0, Points.NO_RECORDED_VALUE, Numbers.NONE, 0);
                watch.stored(run -> run.take(one, false, batch.numbers, new int[] {row}, 0, 1));
            }
        }
    }

    private void round(long now) {
        StreamWatch.Round round = watch.round(now);
        round.findings().stream()
                .filter(QualityRules.NONE::isWrong)
                .forEach(one -> incidents.add(one.check() + " " + one.subject() + " at " + now));
        Collapse.wrong(round.freshness(), QualityRules.NONE::isWrong)
                .forEach(one -> incidents.add(one.check() + " " + one.subject() + " at " + now));
    }

    @Test
    void nothingIsFound() {
        var pods = new ArrayList<Pod>();
        for (int i = 0; i < SERVICES * PODS; i++) {
            pods.add(new Pod(i % SERVICES, "pod-" + i, BEGIN));
        }
        int lateUntil = 0;
        for (long minute = 1; minute <= DAYS * DAY / MINUTE; minute++) {
            long now = BEGIN + minute * MINUTE;
            clock.set(now * SECOND);
            if (minute % 700 == 0) { // a network that holds everything back for two minutes
                lateUntil = (int) minute + 2;
            }
            if (minute % 1_000 == 0) {
                Pod one = pods.get(random.nextInt(pods.size()));
                one.restart(now - 20);
            }
            if (minute % 2_880 == 1_440) { // all pods of a service are replaced
                int service = random.nextInt(SERVICES);
                for (int i = service; i < pods.size(); i += SERVICES) {
                    pods.get(i).end(now);
                    pods.set(i, new Pod(service, "pod-" + i + "-" + minute, now));
                }
            }
            if (minute >= lateUntil) {
                pods.forEach(pod -> pod.send(now));
            }
            round(now);
        }
        assertThat(incidents).isEmpty();
    }
}
