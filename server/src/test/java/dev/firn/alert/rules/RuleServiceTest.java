package dev.firn.alert.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.alert.rules.RuleService.GroupStatus;
import dev.firn.alert.rules.RuleService.Own;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.RulesConfig;
import dev.firn.query.AlertBook;
import dev.firn.query.AlertBook.Alert;
import dev.firn.query.AlertBook.Decision;
import dev.firn.query.AlertBook.Severity;
import dev.firn.query.AlertBook.Source;
import dev.firn.query.StateFile;
import dev.firn.query.promql.eval.QueryEngine;
import dev.firn.query.promql.eval.QueryOptions;
import dev.firn.query.promql.eval.QueryResult;
import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.StaleNan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleServiceTest {
    private static final long MINUTE = 60_000;
    private static final String RULES =
            """
            groups:
              - name: g
                rules:
                  - record: x:double
                    expr: 2 * x
                  - alert: High
                    expr: x > 10
                    for: 3m
                    labels: {severity: page}
                    annotations: {summary: '{{ $labels.job }} is at {{ $value }}'}
            """;

    @TempDir Path folder;

    private final Stored stored = new Stored();
    private long now = 1_764_000_000_000L / MINUTE * MINUTE;
    private String page = "";

    @SuppressWarnings("NullAway.Init")
    private AlertBook book;

    @SuppressWarnings("NullAway.Init")
    private RuleService service;

    /// The stored points, and what was recorded.
    private final class Stored implements RuleStore {
        private final SampleMemory memory = new SampleMemory();
        private final List<Outcome> recorded = new ArrayList<>();
        private boolean takes = true;

        @Override
        public QueryResult instant(String expr, long timeMillis, SeriesSource beside) {
            return new QueryEngine(QueryOptions.DEFAULT, System::nanoTime)
                    .instant(expr, timeMillis, new JoinedSource(beside, memory), () -> false);
        }

        @Override
        public QueryResult range(String expr, long startMillis, long endMillis, long stepMillis) {
            return new QueryEngine(QueryOptions.DEFAULT, System::nanoTime)
                    .range(expr, startMillis, endMillis, stepMillis, memory, () -> false);
        }

        @Override
        public void record(List<Outcome> samples) {
            if (!takes) {
                throw new WorldException("full");
            }
            recorded.addAll(samples);
        }

        @Override
        public void decide(List<Decision> holding, long nowMillis) throws InterruptedException {
            book.decide(Source.RULE, holding, nowMillis);
        }
    }

    private final Clock clock =
            new Clock() {
                @Override
                public long nanos() {
                    return now * 1_000_000;
                }

                @Override
                public long ticks() {
                    return now * 1_000_000;
                }
            };

    @BeforeEach
    void open() throws IOException {
        book = new AlertBook(StateFile.open(folder), null);
        start(RULES);
    }

    private void start(String rules) throws IOException {
        Files.writeString(folder.resolve("rules.yml"), rules);
        service =
                RuleService.open(
                        new RulesConfig(
                                true,
                                true,
                                List.of(folder.resolve("ru*.yml").toString()),
                                MINUTE * 1_000_000),
                        Map.of(),
                        "",
                        Features.STABLE,
                        book,
                        stored,
                        new Own(
                                () -> page.getBytes(StandardCharsets.UTF_8),
                                () -> Map.of("clickhouse", false),
                                "w1"),
                        clock,
                        new OwnMetrics());
    }

    private void x(double value) {
        stored.memory.append(Labels.of(Map.of("__name__", "x", "job", "a")), now - 1, value, null);
    }

    private void minute() throws InterruptedException {
        for (int i = 0; i < 4; i++) { // as often as it is scraped
            now += MINUTE / 4;
            service.round();
        }
    }

    private List<Alert> alerts(String rule) {
        return book.open(Source.RULE).stream().filter(one -> one.rule().equals(rule)).toList();
    }

    @Test
    void alertGoesOnAfterRestart() throws Exception {
        x(11);
        minute();
        long active = now;
        assertThat(alerts("High"))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.state()).isEqualTo("pending");
                    assertThat(one.severity()).isEqualTo(Severity.PAGE);
                    assertThat(one.startedAt()).isEqualTo(active);
                    assertThat(one.summary()).isEqualTo("a is at 11");
                    assertThat(one.subject()).isEqualTo(Map.of("job", "a", "severity", "page"));
                });
        String id = alerts("High").getFirst().id();
        minute();
        x(12);
        now += 10 * MINUTE; // away
        x(12);
        start(RULES);
        minute();
        assertThat(alerts("High").getFirst().state())
                .as("what nobody saw is no waiting")
                .isEqualTo("pending");
        minute();
        minute();
        assertThat(alerts("High").getFirst().state()).isEqualTo("firing");
        assertThat(alerts("High").getFirst().id()).isEqualTo(id);
        start(RULES);
        x(12);
        minute();
        assertThat(alerts("High").getFirst().state()).isEqualTo("firing");
        assertThat(alerts("High").getFirst().id()).isEqualTo(id);
        x(1);
        minute();
        assertThat(alerts("High")).isEmpty();
        assertThat(book.byIds(List.of(id)).getFirst().state()).isEqualTo("resolved");
    }

    @Test
    void alertOfRuleThatIsGoneEnds() throws Exception {
        x(11);
        minute();
        assertThat(alerts("High")).hasSize(1);
        start(RULES.replace("alert: High", "alert: Other"));
        minute();
        assertThat(alerts("High")).isEmpty();
    }

    @Test
    void recordedSeriesEndWithAMarker() throws Exception {
        x(3);
        minute();
        Labels labels = Labels.of(Map.of("__name__", "x:double", "job", "a"));
        assertThat(stored.recorded).containsExactly(new Outcome(labels, now, 6, null));
        now += 10 * MINUTE;
        minute();
        assertThat(stored.recorded).hasSize(2);
        assertThat(stored.recorded.getLast().labels()).isEqualTo(labels);
        assertThat(StaleNan.is(stored.recorded.getLast().value())).isTrue();
    }

    @Test
    void replayRecordsWhatEvaluationsWouldHave() throws Exception {
        Labels x = Labels.of(Map.of("__name__", "x", "job", "a"));
        for (double value : new double[] {1, 2, 3}) {
            stored.memory.append(x, now + 1, value, null);
            minute();
        }
        now += 8 * MINUTE; // without samples
        minute();
        stored.memory.append(x, now + 1, 4, null);
        minute();
        minute();
        List<Outcome> live = List.copyOf(stored.recorded);
        assertThat(live).hasSizeGreaterThan(5);
        stored.recorded.clear();
        RuleService.Replayed replayed = service.replay(now - 20 * MINUTE, now, "g", line -> {});
        assertThat(replayed.rules()).isEqualTo(1);
        // the live one saw no evaluation while the clock leapt
        assertThat(stored.recorded)
                .containsAll(live.stream().filter(one -> !StaleNan.is(one.value())).toList());
        assertThat(stored.recorded.stream().filter(one -> StaleNan.is(one.value()))).hasSize(1);
        assertThat(replayed.samples()).isEqualTo(stored.recorded.size() - 1);
        // known are all but the one before the marker, and a sample in the marker's place
        long end =
                stored.recorded.stream()
                        .filter(one -> StaleNan.is(one.value()))
                        .findFirst()
                        .orElseThrow()
                        .timeMillis();
        for (Outcome one : List.copyOf(stored.recorded)) {
            if (one.timeMillis() != end - MINUTE) {
                double value = one.timeMillis() == end ? 9 : one.value();
                stored.memory.append(one.labels(), one.timeMillis(), value, null);
            }
        }
        stored.recorded.clear();
        assertThat(service.replay(now - 20 * MINUTE, now, "g", line -> {}).samples()).isOne();
        assertThat(stored.recorded)
                .singleElement()
                .satisfies(one -> assertThat(one.timeMillis()).isEqualTo(end - MINUTE));
        assertThatThrownBy(() -> service.replay(now - MINUTE, now, "other", line -> {}))
                .isInstanceOf(InputException.class);
    }

    @Test
    void ruleThatFailsSaysSoAndRecovers() throws Exception {
        stored.takes = false;
        x(3);
        minute();
        RuleStatus rule = status("g").rules().getFirst();
        assertThat(rule.health()).isEqualTo("err");
        assertThat(rule.error()).isEqualTo("full");
        assertThat(status("g").rules().getLast().health()).isEqualTo("ok");
        stored.takes = true;
        minute();
        assertThat(status("g").rules().getFirst().health()).isEqualTo("ok");
        assertThat(stored.recorded).hasSize(1);
    }

    private GroupStatus status(String group) {
        return service.groups().stream()
                .filter(one -> one.group().name().equals(group))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shippedRulesLookAtFirnsOwnMetrics() throws Exception {
        page =
                """
                # TYPE firn_lake_sink_stopped gauge
                firn_lake_sink_stopped 1.0
                firn_engine_up 1.0
                firn_receive_plane_last_point_timestamp_seconds{data_plane="eu",environment="prod"} 1000.0
                """;
        for (int i = 0; i < 9; i++) {
            minute();
        }
        assertThat(alerts("FirnSinkStopped"))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.state()).isEqualTo("firing");
                    assertThat(one.subject())
                            .isEqualTo(
                                    Map.of(
                                            "job", "otel-collector",
                                            "instance", "w1",
                                            "data_plane", "local",
                                            "severity", "critical"));
                });
        assertThat(alerts("FirnDataPlaneSilent").getFirst().subject())
                .containsEntry("exported_data_plane", "eu");
        assertThat(alerts("ClickHouseDown").getFirst().state()).isEqualTo("firing");
        assertThat(alerts("Watchdog").getFirst().severity()).isEqualTo(Severity.INFO);
        page = "firn_lake_sink_stopped 0.0\nfirn_engine_up 1.0\n";
        minute();
        assertThat(alerts("FirnSinkStopped")).isEmpty();
        assertThat(alerts("FirnDataPlaneSilent")).as("the series ended").isEmpty();
    }

    /// What shipped rules see is gone with the process: trouble that lasts is no new alert, and one
    /// that is over ends once its time is.
    @Test
    void alertsAboutFirnOutliveARestart() throws Exception {
        page = "firn_lake_sink_stopped 1.0\n";
        for (int i = 0; i < 9; i++) {
            minute();
        }
        String id = alerts("FirnSinkStopped").getFirst().id();
        page = "";
        start(RULES);
        minute();
        assertThat(alerts("FirnSinkStopped").getFirst().state()).isEqualTo("firing");
        assertThat(alerts("FirnSinkStopped").getFirst().id()).isEqualTo(id);
        for (int i = 0; i < 21; i++) {
            minute();
        }
        assertThat(alerts("FirnSinkStopped")).isEmpty();
    }

    @Test
    void aTemplatesMistakeEndsNoGroup() throws Exception {
        start(
                RULES.replace("{{ $labels.job }}", "{{ index $labels 0 }}")
                        + "      - alert: Last\n        expr: x > 10\n");
        x(11);
        minute();
        assertThat(alerts("High").getFirst().summary()).startsWith("<error expanding template");
        assertThat(alerts("Last")).hasSize(1);
    }

    @Test
    void aClockSetBackStopsNoRule() throws Exception {
        x(11);
        minute();
        now -= 60 * MINUTE;
        stored.recorded.clear();
        x(12);
        minute();
        minute();
        assertThat(status("g").evaluatedAt()).isBetween(now - MINUTE, now);
    }

    @Test
    void filesWithMistakesEndTheStart() {
        assertThatThrownBy(() -> start(RULES.replace("expr: 2 * x", "expr: 2 *")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("rules.yml:5: groups[0].rules[0].expr");
    }
}
