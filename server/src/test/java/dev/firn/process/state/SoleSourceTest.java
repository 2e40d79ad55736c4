package dev.firn.process.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.base.OwnMetrics;
import dev.firn.base.PowerLossDisk;
import dev.firn.base.Throttle;
import dev.firn.config.Config;
import dev.firn.config.ConfigReader;
import dev.firn.config.ProcessorConfig;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.Exporter;
import dev.firn.model.Intake;
import dev.firn.model.Intake.RequestKey;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.NumberValue;
import dev.firn.model.Pipelines;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.Temporality;
import dev.firn.process.Aggregator;
import dev.firn.process.Fanout;
import dev.firn.process.Processor;
import dev.firn.process.Processors;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Series that one source becomes first, and others later: what comes out is what a stage gives
/// that remembers each point by itself ([Reaggregation] of no first stage) and is never
/// interrupted, whatever pipelines there are, wherever a process is killed.
final class SoleSourceTest {
    private static final String PROCESSORS =
            """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
            processors:
              resource: {attributes: [{key: plane, value: local, action: upsert}]}
              attributes: {actions: [{key: pod, action: delete}]}
              filter: {metrics: {exclude: {match_type: strict, metric_names: [gauge]}}}
              transform: {metric_statements: ['delete_key(datapoint.attributes, "pod") where datapoint.flags < 9']}
              attributes/insert: {actions: [{key: pod, value: "1", action: insert}]}
              attributes/convert: {actions: [{key: pod, converted_type: int, action: convert}]}
              attributes/from: {actions: [{key: zone, from_attribute: pod, action: upsert}]}
              attributes/extract: {actions: [{key: pod, pattern: '(?P<zone>.*)', action: extract}]}
              transform/set: {metric_statements: ['set(datapoint.attributes["pod"], "1") where datapoint.flags < 9']}
              transform/plane: {metric_statements: ['set(resource.attributes["plane"], "local") where resource.attributes["plane"] != "b"']}
              cumulativetodelta:
            exporters: {firn: , debug: }
            """;
    private static final String[] CHAINS = {
        "",
        "resource",
        "resource",
        "attributes",
        "resource, attributes",
        "resource, filter",
        "filter",
        "filter, attributes",
        "transform, resource",
        "resource, cumulativetodelta",
        "attributes/insert",
        "attributes/convert",
        "attributes/from, transform/plane",
        "attributes/extract, attributes/insert",
        "transform/set",
        "transform/set, resource",
        "filter, transform/plane",
        "attributes/insert, cumulativetodelta, resource",
    };

    /// Labels of senders, of which no two become the same without losing one.
    private static final List<String> LOSING = List.of("a", "b");

    /// Labels of senders, of which some become the same by what they gain.
    private static final List<String> GAINING = List.of("a", "local", "", "");

    private record Stream(
            MetricType type,
            Temporality temporality,
            boolean monotonic,
            String plane,
            String attributes,
            int number) {}

    private record Sent(Stream stream, long time, long start, PointValue value, int flags) {}

    private record Request(long number, long nanos, List<Sent> points) {}

    private static final MetricType[] TYPES = {
        MetricType.SUM, MetricType.GAUGE, MetricType.HISTOGRAM, MetricType.EXPONENTIAL_HISTOGRAM
    };

    /// Streams appear one after the other; some end. No two have a point of one time: of gauges
    /// that have become one the later row wins, and rows that pass a stage do so before others.
    private static List<Request> requests(Random random, int count, boolean gaining) {
        return requests(random, streams(random, gaining), count);
    }

    private static List<Stream> streams(Random random, boolean gaining) {
        var streams = new ArrayList<Stream>();
        for (int i = 0; i < 10; i++) {
            MetricType type = TYPES[random.nextInt(TYPES.length)];
            Temporality temporality =
                    type == MetricType.GAUGE
                            ? Temporality.UNSPECIFIED
                            : random.nextInt(3) == 0 ? Temporality.DELTA : Temporality.CUMULATIVE;
            boolean monotonic = type == MetricType.SUM && random.nextInt(4) > 0;
            List<String> planes = gaining ? GAINING : LOSING;
            String plane = planes.get(random.nextInt(planes.size()));
            int pod = gaining ? random.nextInt(-1, 3) : random.nextInt(2, 5);
            String attributes = pod < 0 ? "{}" : "{\"pod\":\"" + pod + "\"}";
            if (gaining && random.nextInt(4) == 0) {
                attributes = "{\"pod\":\"1\",\"zone\":\"1\"}";
            }
            streams.add(new Stream(type, temporality, monotonic, plane, attributes, i));
        }
        return streams;
    }

    private static List<Request> requests(Random random, List<Stream> streams, int count) {
        var requests = new ArrayList<Request>();
        long now = Bench.T0 + 20 * Bench.SECOND;
        for (int i = 0; i < count; i++) {
            now += random.nextLong(1, 60 * Bench.SECOND);
            if (i % 20 == 15) {
                now += 30_000 * Bench.SECOND; // eight hours: who is there is noted anew
            }
            int born = Math.min(streams.size(), 1 + i * streams.size() / count * 2);
            var points = new ArrayList<Sent>();
            for (int p = random.nextInt(6); p >= 0; p--) {
                Stream stream = streams.get(random.nextInt(Math.max(0, born - 5), born));
                long time = now - random.nextLong(100) * Bench.SECOND / 4 + stream.number;
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
                            : NumberValue.of(
                                    random.nextInt(9) == 0
                                            ? Double.NaN
                                            : random.nextInt(1_000) / 8.0);
        };
    }

    private static Metric metric(
            MetricType type,
            Temporality temporality,
            boolean monotonic,
            String plane,
            String unit) {
        String resource = plane.isEmpty() ? "{}" : "{\"plane\":\"" + plane + "\"}";
        return new Metric(
                new Resource(resource, "", 0, ""),
                new Scope("", "", "{}", "", 0),
                type.label(),
                unit,
                type,
                temporality,
                monotonic,
                "",
                "{}");
    }

    /// Pipelines of one receiver, of which the log keeps the first ones.
    private record Setup(List<String> chains, int durable) {
        static Setup random(Random random) {
            var chains = new ArrayList<String>();
            for (int i = 0; i < 3; i++) {
                chains.add(CHAINS[random.nextInt(CHAINS.length)]);
            }
            return new Setup(chains, random.nextInt(8) == 0 ? 2 : 1);
        }

        Config config() {
            var text = new StringBuilder(PROCESSORS + "service:\n  pipelines:\n");
            for (int i = 0; i < chains.size(); i++) {
                text.append(
                        "    metrics/%d: {receivers: [otlp], processors: [%s], exporters: [%s]}\n"
                                .formatted(i, chains.get(i), i < durable ? "firn" : "debug"));
            }
            return ConfigReader.parse(Map.of("test.yaml", text.toString()), name -> null);
        }
    }

    /// Holds what it got.
    private static final class Seen implements Exporter {
        final List<String> lines = new ArrayList<>();

        @Override
        public String name() {
            return "seen";
        }

        @Override
        public void export(Batch batch) {
            synchronized (lines) {
                lines.addAll(Bench.lines(batch));
            }
        }

        @Override
        public void close() {}
    }

    /// Points that are all remembered one by one.
    private static final class PointByPoint implements Processors.Stateful {
        private final StatefulProcessors others;
        private final StateRoom room;
        private final Map<String, Integer> stages = new HashMap<>();

        PointByPoint(StatefulProcessors others, StateRoom room) {
            this.others = others;
            this.room = room;
        }

        @Override
        public @Nullable Processor processor(String pipeline, String name, ProcessorConfig config) {
            return others.processor(pipeline, name, config);
        }

        @Override
        public Aggregator aggregator(String pipeline, boolean sources) {
            var name = pipeline + ":stage-" + stages.merge(pipeline, 1, Integer::sum);
            var of = new Reaggregation(name, room);
            return new Aggregator() {
                @Override
                public Claim claim(Series from, Series as, boolean lossy) {
                    return of.claim(from, as, true);
                }

                @Override
                public Pass begin(Batch from, Batch out) {
                    return of.begin(from, out);
                }
            };
        }
    }

    private static final class Process {
        private final Bench bench;
        private final Wal wal;
        private final Fanout fanout;
        private final List<Seen> seen = new ArrayList<>();

        Process(PowerLossDisk disk, Bench.TestClock clock, long seed, Setup setup, boolean naive)
                throws InterruptedException {
            bench = new Bench(disk, clock, 1_000);
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
            var processors = new Processors(bench.registry, clock, new OwnMetrics());
            var shipped = new StatefulProcessors(bench.room, bench.registry);
            Processors.Stateful stateful = naive ? new PointByPoint(shipped, bench.room) : shipped;
            Config config = setup.config();
            var pipelines = new ArrayList<Fanout.Pipeline>();
            config.pipelines()
                    .forEach((name, pipeline) -> {
                        var exporter = new Seen();
                        seen.add(exporter);
                        pipelines.add(
                                new Fanout.Pipeline(
                                        name,
                                        processors.chain(config, name, stateful),
                                        config.durable(pipeline),
                                        List.of(exporter)));
                    });
            fanout = new Fanout(pipelines, bench.room, new OwnMetrics(), new Throttle(clock, 1));
            bench.room.restore(wal);
            bench.room.checkpoint();
        }

        private Batch batch(Request request) {
            var in = new Batch();
            for (Sent sent : request.points) {
                Stream of = sent.stream;
                Metric metric = metric(of.type, of.temporality, of.monotonic, of.plane, "");
                Series series = bench.registry.intern(metric, of.attributes);
                sent.value.addTo(in, series, sent.time, sent.start, sent.flags);
            }
            return in;
        }

        /// Those of one thread, while others do the same.
        void accept(long number, Batch in) {
            var runs = new ArrayList<Pipelines.Run>();
            wal.accept(
                    new RequestKey(number, 1),
                    () -> {
                        runs.add(fanout.run(in));
                        return new Intake.Decoded(runs.getFirst().durable(), Intake.Answer.OK);
                    });
            runs.getFirst().stored();
        }

        /// Takes a point of the log.
        interface Each {
            void point(Series series, long time, long value);
        }

        void eachPoint(Each each) throws InterruptedException {
            wal.cutNow();
            long at = 0;
            for (Cut cut = wal.next(at, 0); cut != null; cut = wal.next(at, 0)) {
                cut.read(batch -> {
                    for (int row = 0; row < batch.numbers.size(); row++) {
                        each.point(
                                batch.numbers.series[row],
                                batch.numbers.time[row],
                                batch.numbers.bits[row]);
                    }
                });
                at = cut.sequence();
            }
        }

        /// What each pipeline's exporter got; empty for a repetition that the log knows.
        List<List<String>> accept(Request request) {
            seen.forEach(one -> one.lines.clear());
            var runs = new ArrayList<Pipelines.Run>();
            boolean stored = false;
            try {
                wal.accept(
                        new RequestKey(request.number, 1),
                        () -> {
                            runs.add(fanout.run(batch(request)));
                            return new Intake.Decoded(runs.getFirst().durable(), Intake.Answer.OK);
                        });
                runs.forEach(Pipelines.Run::stored);
                stored = true;
            } finally {
                if (!stored) {
                    runs.forEach(Pipelines.Run::failed);
                }
            }
            return runs.isEmpty()
                    ? List.of()
                    : seen.stream().map(one -> one.lines.stream().sorted().toList()).toList();
        }

        List<String> log() throws InterruptedException {
            wal.cutNow();
            var lines = new ArrayList<String>();
            long at = 0;
            for (Cut cut = wal.next(at, 0); cut != null; cut = wal.next(at, 0)) {
                cut.read(batch -> {
                    if (batch.size() == 0) {
                        return; // states only: when stale ones go is each room's own affair
                    }
                    lines.add("request of " + batch.size());
                    lines.addAll(Bench.lines(batch).stream().sorted().toList());
                });
                at = cut.sequence();
            }
            return lines;
        }

        void close() {
            try {
                wal.close();
            } catch (RuntimeException e) {
                // its disk is off
            }
        }
    }

    /// What came of requests.
    private record Outcome(List<String> log, Map<Long, List<List<String>>> exported) {}

    private static Outcome naive(Setup setup, List<Request> requests) throws Exception {
        var clock = new Bench.TestClock();
        var process = new Process(new PowerLossDisk(Bench.DATA), clock, 1, setup, true);
        var exported = new LinkedHashMap<Long, List<List<String>>>();
        for (Request request : requests) {
            clock.nanos = request.nanos;
            exported.put(request.number, process.accept(request));
        }
        var outcome = new Outcome(process.log(), exported);
        process.close();
        return outcome;
    }

    @Test
    void itGivesWhatRememberingEachPointGives() {
        Forall.of(
                300,
                1,
                random -> {
                    Setup setup = Setup.random(random);
                    List<Request> requests = requests(random, 40, random.nextInt(4) > 0);
                    Outcome expected = naive(setup, requests);
                    Outcome got = killed(setup, requests, random, 0, 0);
                    assertThat(got.exported).as(setup::toString).isEqualTo(expected.exported);
                    assertThat(got.log).as(setup::toString).isEqualTo(expected.log);
                });
    }

    @Test
    void itDoesSoThroughKillsAndRefusals() {
        Forall.of(150, 2, random -> kills(random, requests(random, 40, false), 0));
    }

    /// Series that become the same by what they gain are known as such once all have come.
    @Test
    void itDoesSoThroughKillsOnceSeriesThatGainedAreKnown() {
        Forall.of(
                150,
                3,
                random -> {
                    List<Stream> streams = streams(random, true);
                    List<Request> requests = new ArrayList<>(requests(random, streams, 30));
                    long nanos = Bench.T0 + 15 * Bench.SECOND;
                    requests.addFirst(new Request(1_000, nanos, first(random, streams, nanos)));
                    kills(random, requests, 1);
                });
    }

    private static List<Sent> first(Random random, List<Stream> streams, long nanos) {
        return streams.stream()
                .map(one -> new Sent(one, nanos + one.number, 0, value(random, one.type), 0))
                .toList();
    }

    private static void kills(Random random, List<Request> requests, int safe) throws Exception {
        Setup setup = Setup.random(random);
        Outcome expected = naive(setup, requests);
        Outcome got = killed(setup, requests, random, 6, safe);
        assertThat(got.log).as(setup::toString).isEqualTo(expected.log);
        got.exported.forEach((number, lines) ->
                assertThat(lines)
                        .as(() -> number + " of " + setup)
                        .isEqualTo(expected.exported.get(number)));
    }

    @Test
    void podsThatSendAtOnceAreCountedOnce() throws Exception {
        sendAtOnce("attributes", "{\"pod\":\"0\"}", "{\"pod\":\"1\"}", "{\"pod\":\"2\"}");
    }

    @Test
    void podsThatSendAtOnceAreCountedOnceWhereTheyOnlyGain() throws Exception {
        sendAtOnce("attributes/insert", "{\"pod\":\"1\"}", "{}");
        sendAtOnce("attributes/insert", "{}", "{\"pod\":\"1\"}");
    }

    /// Requests of several pods at once: in the log each of the series grows, point by point, and
    /// ends with what all pods have counted.
    ///
    /// @param pods their attributes
    private static void sendAtOnce(String chain, String... pods) throws Exception {
        var clock = new Bench.TestClock();
        var setup = new Setup(List.of(chain, "resource"), 1);
        var process = new Process(new PowerLossDisk(Bench.DATA), clock, 1, setup, false);
        var now = new AtomicLong(Bench.T0 + 10 * Bench.SECOND);
        var numbers = new AtomicLong();
        int targets = 40;
        // The series that began first comes first: its start is that of the sums.
        process.accept(numbers.incrementAndGet(), pod(process, pods, 0, 1, targets, now));
        var threads = new ArrayList<Thread>();
        var troubles = new ConcurrentLinkedQueue<Throwable>();
        for (int pod = 0; pod < pods.length; pod++) {
            int number = pod;
            threads.add(
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((thread, e) -> troubles.add(e))
                            .start(() -> {
                                for (int round = number == 0 ? 2 : 1; round <= 30; round++) {
                                    process.accept(
                                            numbers.incrementAndGet(),
                                            pod(process, pods, number, round, targets, now));
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        process.accept(numbers.incrementAndGet(), pod(process, pods, 0, 31, targets, now));
        assertThat(troubles).isEmpty();
        var newest = new HashMap<String, long[]>();
        process.eachPoint((series, time, value) -> {
            long[] before = newest.getOrDefault(series.metric().unit(), new long[] {0, 0});
            assertThat(time).as(series::toString).isGreaterThan(before[0]);
            assertThat(value).as(series::toString).isGreaterThanOrEqualTo(before[1]);
            newest.put(series.metric().unit(), new long[] {time, value});
        });
        assertThat(newest).hasSize(targets);
        newest.values().forEach(last -> assertThat(last[1]).isEqualTo(31 + 30 * (pods.length - 1)));
        process.close();
    }

    /// A point of each series of a pod; those of the first pod began first.
    private static Batch pod(
            Process process, String[] pods, int pod, int value, int targets, AtomicLong now) {
        var batch = new Batch();
        long time = now.addAndGet(Bench.SECOND);
        for (int target = 0; target < targets; target++) {
            Series series =
                    process.bench.registry.intern(
                            metric(MetricType.SUM, Temporality.CUMULATIVE, true, "", "u" + target),
                            pods[pod]);
            NumberValue.of((long) value).addTo(batch, series, time, Bench.T0 + pod + 1, 0);
        }
        return batch;
    }

    /// @param oneIn how often something happens; 0 for never
    /// @param safe requests to which nothing happens
    private static Outcome killed(
            Setup setup, List<Request> requests, Random random, int oneIn, int safe)
            throws Exception {
        var clock = new Bench.TestClock();
        var disk = new PowerLossDisk(Bench.DATA);
        var process = new Process(disk, clock, 1, setup, false);
        var exported = new LinkedHashMap<Long, List<List<String>>>();
        for (int i = 0; i < requests.size(); ) {
            Request request = requests.get(i);
            clock.nanos = request.nanos;
            int event =
                    oneIn > 0 && i >= safe && random.nextInt(oneIn) == 0 ? random.nextInt(4) : -1;
            switch (event) {
                case 0 -> disk.failForces(2); // refused: the log and its second try
                case 1 -> disk.dieAtNextForce(random.nextBoolean());
                case 2 -> process.bench.room.checkpoint();
                default -> {}
            }
            Optional<List<List<String>>> got = Optional.empty();
            try {
                got = Optional.of(process.accept(request));
            } catch (Intake.Overloaded e) {
                // the sender comes again
            }
            if (event == 1 || event == 3) {
                PowerLossDisk next = random.nextBoolean() ? disk.afterKill() : disk.crash(random);
                process.close();
                disk = next;
                process = new Process(disk, clock, random.nextLong(), setup, false);
            } else {
                disk.failForces(0);
                if (got.isEmpty()) {
                    clock.nanos += 2 * Bench.SECOND; // the log tries a new segment
                    process.wal.cutNow();
                    clock.nanos = request.nanos;
                }
            }
            if (got.isPresent()) {
                if (!got.get().isEmpty()) {
                    exported.put(request.number, got.get());
                }
                i++;
            }
        }
        var outcome = new Outcome(process.log(), exported);
        process.close();
        return outcome;
    }
}
