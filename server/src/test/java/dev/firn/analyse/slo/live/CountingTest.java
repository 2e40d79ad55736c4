package dev.firn.analyse.slo.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.analyse.slo.Budgeting;
import dev.firn.analyse.slo.Indicator;
import dev.firn.analyse.slo.Indicator.Good;
import dev.firn.analyse.slo.Matcher;
import dev.firn.analyse.slo.MinuteCounter;
import dev.firn.analyse.slo.MinuteCounts;
import dev.firn.analyse.slo.PointSource.Point;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.SloWindow;
import dev.firn.analyse.slo.SloWindow.Span;
import dev.firn.analyse.slo.Trace;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.QueryClassesConfig;
import dev.firn.query.EngineQueries;
import dev.firn.query.ResultTables;
import dev.firn.query.TestStore;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Minutes that are counted from the engine's tables, round by round while points come in any
/// order, are those that counting all points at once gives.
class CountingTest {
    private static final int TRACES = 16;
    private static final Span ALL = new Span(Trace.BASE, Trace.BASE + Trace.MINUTES + 1);
    private static final Map<String, String> SHOP = Map.of("service.name", "shop");

    @TempDir static Path data;
    private static TestStore store;
    private static EnginePoints points;
    private static MinuteStore minutes;

    @BeforeAll
    static void start() throws InterruptedException {
        store = new TestStore(data);
        var queries =
                new EngineQueries(
                        store.client,
                        TestStore.DATABASE,
                        QueryClassesConfig.DEFAULT,
                        Clock.system(),
                        new OwnMetrics());
        points = new EnginePoints(queries);
        minutes = new MinuteStore(queries, new ResultTables(store.client, TestStore.DATABASE));
        minutes.define();
        minutes.define(); // as each start does
    }

    @AfterAll
    static void stop() {
        store.close();
    }

    private static Indicator indicator(int number, Trace trace) {
        return new Indicator(
                List.of(EngineTraces.name(number)),
                trace.histogram() ? Indicator.Type.HISTOGRAM : Indicator.Type.COUNTER,
                "",
                List.of(new Matcher(List.of("code"), Matcher.Op.NOT_EQUALS, "404")),
                trace.histogram()
                        ? new Good.Within(BigDecimal.valueOf(trace.threshold))
                        : new Good.AllBut(
                                List.of(
                                        new Matcher(
                                                List.of("status", "code"),
                                                Matcher.Op.MATCHES,
                                                "5.."))),
                List.of(List.of("service.name")));
    }

    private static Defined defined(int number, Trace trace) {
        return Defined.of(
                new Slo(
                        "slo-" + number,
                        "",
                        "",
                        "shop",
                        indicator(number, trace),
                        new BigDecimal("0.9"),
                        new SloWindow.Rolling(60),
                        new Budgeting.Occurrences(),
                        Slo.Alerting.BOTH,
                        Map.of(),
                        "test"));
    }

    private record Coming(int number, int code, Point point) {}

    @Test
    void roundsGiveWhatAllPointsAtOnceGive() throws InterruptedException {
        var random = new Random(42);
        var traces = new ArrayList<Trace>();
        var coming = new ArrayList<Coming>();
        var in = new EngineTraces(store);
        for (int number = 0; number < TRACES; number++) {
            var trace = new Trace(random);
            traces.add(trace);
            in.series(number, trace);
            for (int code = 0; code < Trace.CODES.size(); code++) {
                int which = code;
                int of = number;
                trace.points().get(code).stream()
                        .map(point -> new Coming(of, which, point))
                        .forEach(coming::add);
            }
        }
        in.flush();
        var counted = new ArrayList<Counted>();
        for (int number = 0; number < TRACES; number++) {
            counted.add(new Counted(defined(number, traces.get(number))));
        }
        // most come in the order of time, a bit shuffled; each tenth much later
        coming.sort(java.util.Comparator.comparingLong(one -> one.point.time()));
        var late = new ArrayList<Coming>();
        coming.removeIf(one -> random.nextInt(10) == 0 && late.add(one));
        Collections.shuffle(late, random);
        long seq = 0;
        int at = 0;
        for (long asOf = Trace.BASE + 3; asOf < ALL.to(); asOf += 1 + random.nextInt(9)) {
            seq++;
            while (at < coming.size()
                    && coming.get(at).point.time() < (asOf + random.nextInt(2)) * 60_000_000_000L) {
                add(in, coming.get(at++), seq);
            }
            for (int i = random.nextInt(10); i > 0 && !late.isEmpty(); i--) {
                add(in, late.removeLast(), seq);
            }
            in.flush();
            round(counted, asOf);
        }
        seq++;
        for (Coming one : coming.subList(at, coming.size())) {
            add(in, one, seq);
        }
        in.flush();
        round(counted, ALL.to());
        seq++;
        for (Coming one : late) {
            add(in, one, seq);
        }
        in.flush();
        round(counted, ALL.to());
        for (int number = 0; number < TRACES; number++) {
            Trace trace = traces.get(number);
            Map<Long, MinuteCounts> expected = expected(number, trace);
            assertThat(numbers(held(counted.get(number))))
                    .as("trace %d: %s, delta %s", number, trace.shape, trace.delta)
                    .isEqualTo(numbers(expected));
            assertThat(numbers(held(minutes.load(defined(number, trace), 0))))
                    .as("stored")
                    .isEqualTo(numbers(expected));
            assertThat(held(counted.get(number)).keySet())
                    .as("measured minutes")
                    .containsAll(expected.keySet());
        }
    }

    private static void add(EngineTraces in, Coming one, long seq) {
        in.point(one.number, one.code, one.point, seq);
    }

    private static void round(List<Counted> counted, long asOf) throws InterruptedException {
        for (Counted one : counted) {
            new Counting(
                            points,
                            minutes,
                            Trace.FIRST_POINT_MAX_AGE,
                            Clock.system(),
                            List.of(one),
                            0)
                    .upTo(asOf, Trace.BASE);
        }
    }

    private static Map<Long, MinuteCounts> expected(int number, Trace trace) {
        return MinuteCounter.count(indicator(number, trace), trace, ALL, Trace.FIRST_POINT_MAX_AGE)
                .groups()
                .getOrDefault(SHOP, Map.of());
    }

    private static Map<Long, MinuteCounts> held(Counted counted) {
        var minutes = counted.groups().get(SHOP);
        return minutes == null ? Map.of() : minutes.all();
    }

    /// Minutes with events or points of unknown baseline.
    private static Map<Long, List<Long>> numbers(Map<Long, MinuteCounts> minutes) {
        var numbers = new TreeMap<Long, List<Long>>();
        minutes.forEach((minute, counts) -> {
            if (counts.total() > 0 || counts.unknownBaseline() > 0) {
                numbers.put(
                        minute,
                        List.of(
                                counts.total(),
                                counts.goodLower(),
                                counts.goodUpper(),
                                counts.unknownBaseline()));
            }
        });
        return numbers;
    }
}
