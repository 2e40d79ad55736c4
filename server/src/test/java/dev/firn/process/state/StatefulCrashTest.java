package dev.firn.process.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.base.OwnMetrics;
import dev.firn.base.PowerLossDisk;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.Intake;
import dev.firn.model.Intake.RequestKey;
import dev.firn.model.MetricType;
import dev.firn.model.NumberValue;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Temporality;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A run that is killed, loses power, cannot write and is refused at random gives what an
/// uninterrupted run gives: the same records in the log, point by point.
final class StatefulCrashTest {
    /// A sender's stream.
    private record Stream(MetricType type, Temporality temporality, boolean monotonic, int label) {}

    /// A point before it meets a registry.
    private record Sent(Stream stream, long time, long start, PointValue value, int flags) {}

    /// A request: when it comes, and what is in it.
    private record Request(long number, long nanos, List<Sent> points) {}

    private static final MetricType[] TYPES = {
        MetricType.SUM,
        MetricType.SUM,
        MetricType.GAUGE,
        MetricType.HISTOGRAM,
        MetricType.EXPONENTIAL_HISTOGRAM
    };

    private static List<Request> requests(Random random, int count) {
        var streams = new ArrayList<Stream>();
        for (int i = 0; i < 12; i++) {
            MetricType type = TYPES[random.nextInt(TYPES.length)];
            Temporality temporality =
                    type == MetricType.GAUGE
                            ? Temporality.UNSPECIFIED
                            : random.nextBoolean() ? Temporality.DELTA : Temporality.CUMULATIVE;
            streams.add(
                    new Stream(
                            type, temporality, type == MetricType.SUM && random.nextInt(4) > 0, i));
        }
        var requests = new ArrayList<Request>();
        long now = Bench.T0 + 20 * Bench.SECOND;
        for (int i = 0; i < count; i++) {
            now += random.nextLong(1, 90 * Bench.SECOND);
            if (random.nextInt(15) == 0) {
                now += 1_000 * Bench.SECOND; // something goes stale
            }
            var points = new ArrayList<Sent>();
            for (int p = random.nextInt(8); p >= 0; p--) {
                Stream stream = streams.get(random.nextInt(streams.size()));
                long time = now - random.nextLong(100) * Bench.SECOND / 4;
                long start =
                        random.nextInt(6) == 0 ? 0 : time - random.nextLong(3) * 200 * Bench.SECOND;
                int flags = random.nextInt(20) == 0 ? Points.NO_RECORDED_VALUE : 0;
                points.add(new Sent(stream, time, start, value(random, stream.type), flags));
            }
            requests.add(new Request(i, now, points));
        }
        return requests;
    }

    private static PointValue value(Random random, MetricType type) {
        return switch (type) {
            case HISTOGRAM, EXPONENTIAL_HISTOGRAM -> RandomValues.of(random, type);
            default ->
                    random.nextBoolean()
                            ? NumberValue.of(random.nextInt(1_000))
                            : NumberValue.of(random.nextInt(1_000) / 8.0);
        };
    }

    /// One process: the pipeline `stage` (labels dropped), `deltatocumulative` or
    /// `cumulativetodelta`, the log.
    private static final class Process {
        private final Bench bench;
        private final Wal wal;
        private final Reaggregation stage;
        private final List<dev.firn.process.Processor> processors = new ArrayList<>();

        Process(PowerLossDisk disk, Bench.TestClock clock, long seed) throws InterruptedException {
            bench = new Bench(disk, clock, 40);
            wal =
                    Wal.open(
                            Bench.DATA,
                            disk,
                            clock,
                            new Random(seed),
                            bench.registry,
                            new OwnMetrics(),
                            WalOptions.of(StateRoom.SINK, "lake")
                                    .withSizes(4 << 10, 1L << 30, 0)
                                    .withCuts(
                                            Long.MAX_VALUE / 2_000_000,
                                            Long.MAX_VALUE,
                                            Long.MAX_VALUE));
            stage = new Reaggregation("metrics:stage-1", bench.room);
            processors.add(
                    new DeltaToCumulative(
                            "metrics:deltatocumulative",
                            new DeltaToCumulative.Options(300 * Bench.SECOND, 6),
                            bench.room,
                            bench.registry));
            processors.add(
                    new CumulativeToDelta(
                            "metrics:cumulativetodelta",
                            new CumulativeToDelta.Options(
                                    metric -> true,
                                    CumulativeToDelta.InitialValue.AUTO,
                                    3_600 * Bench.SECOND),
                            bench.room,
                            bench.registry));
            bench.room.restore(wal);
            bench.room.checkpoint();
        }

        private Batch decode(Request request) {
            var in = new Batch();
            for (Sent sent : request.points) {
                Series series =
                        bench.series(
                                sent.stream.type,
                                sent.stream.temporality,
                                sent.stream.monotonic,
                                "{\"pod\":\"" + sent.stream.label + "\"}");
                sent.value.addTo(in, series, sent.time, sent.start, sent.flags);
            }
            var dropped = new Batch();
            var pass = stage.begin(in, dropped);
            dropped.append(
                    in,
                    (points, row) -> {
                        Series series = points.series[row];
                        var metric = series.metric();
                        pass.add(
                                points,
                                row,
                                bench.series(
                                        metric.type(),
                                        metric.temporality(),
                                        metric.monotonic(),
                                        "{}"));
                        return null;
                    });
            pass.end();
            Batch at = dropped;
            for (var processor : processors) {
                at = processor.process(at, new Batch());
            }
            bench.room.seal(at.state);
            return at;
        }

        void accept(Request request) {
            boolean stored = false;
            try {
                wal.accept(
                        new RequestKey(request.number, 1),
                        () -> new Intake.Decoded(decode(request), Intake.Answer.OK));
                stored = true;
            } finally {
                if (stored) {
                    bench.room.stored();
                } else {
                    bench.room.failed();
                }
            }
        }

        /// Every record: its points, and the state it leaves.
        List<String> log() throws InterruptedException {
            wal.cutNow();
            var lines = new ArrayList<String>();
            long at = 0;
            for (Cut cut = wal.next(at, 0); cut != null; cut = wal.next(at, 0)) {
                cut.read(batch -> {
                    lines.add("request of " + batch.size());
                    lines.addAll(Bench.lines(batch));
                });
                at = cut.sequence();
            }
            return lines;
        }
    }

    private static List<String> uninterrupted(List<Request> requests) throws Exception {
        var clock = new Bench.TestClock();
        var process = new Process(new PowerLossDisk(Bench.DATA), clock, 1);
        for (Request request : requests) {
            clock.nanos = request.nanos;
            process.accept(request);
        }
        List<String> lines = process.log();
        process.wal.close();
        return lines;
    }

    @Test
    void aKilledRunGivesWhatAnUninterruptedOneGives() {
        Forall.of(
                120,
                1,
                random -> {
                    List<Request> requests = requests(random, 40);
                    List<String> expected = uninterrupted(requests);
                    var clock = new Bench.TestClock();
                    var disk = new PowerLossDisk(Bench.DATA);
                    var process = new Process(disk, clock, 1);
                    for (int i = 0; i < requests.size(); ) {
                        Request request = requests.get(i);
                        clock.nanos = request.nanos;
                        int event = random.nextInt(12);
                        switch (event) {
                            case 0 -> disk.failForces(2); // refused: the log and its second try
                            case 1 -> disk.dieAtNextForce(random.nextBoolean());
                            case 2 -> process.bench.room.checkpoint();
                            default -> {}
                        }
                        boolean answered = false;
                        try {
                            process.accept(request);
                            answered = true;
                        } catch (Intake.Overloaded e) {
                            // the sender comes again
                        }
                        boolean dies = event == 1 || random.nextInt(8) == 0;
                        if (dies) {
                            PowerLossDisk next =
                                    random.nextBoolean() ? disk.afterKill() : disk.crash(random);
                            closeDead(process);
                            disk = next;
                            process = new Process(disk, clock, random.nextLong());
                        } else {
                            disk.failForces(0);
                            if (!answered) {
                                clock.nanos += 2 * Bench.SECOND; // the log tries a new segment
                                process.wal.cutNow();
                                clock.nanos = request.nanos;
                            }
                        }
                        if (answered) {
                            i++;
                        }
                    }
                    assertThat(process.log()).isEqualTo(expected);
                    process.wal.close();
                });
    }

    private static void closeDead(Process process) {
        try {
            process.wal.close();
        } catch (RuntimeException e) {
            // its disk is off
        }
    }

    @Test
    void aRestartAfterEachRecordGoesOnAsBefore() {
        Forall.of(
                20,
                2,
                random -> {
                    List<Request> requests = requests(random, 25);
                    List<String> expected = uninterrupted(requests);
                    var clock = new Bench.TestClock();
                    var disk = new PowerLossDisk(Bench.DATA);
                    var process = new Process(disk, clock, 1_000);
                    for (Request request : requests) {
                        clock.nanos = request.nanos;
                        process.accept(request);
                        PowerLossDisk next = disk.afterKill();
                        closeDead(process);
                        disk = next;
                        process = new Process(disk, clock, request.number);
                    }
                    assertThat(process.log()).isEqualTo(expected);
                    process.wal.close();
                });
    }
}
