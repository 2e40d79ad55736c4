package dev.firn.analyse.forecast.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.firn.analyse.cost.CostHistory;
import dev.firn.analyse.forecast.Forecast;
import dev.firn.analyse.forecast.Forecaster;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.ForecastConfig;
import dev.firn.query.CostBook;
import dev.firn.query.ForecastCoverage;
import dev.firn.query.RouteHistory;
import dev.firn.query.StateFile;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ForecastRoundsTest {
    private static final long DAY = 86_400;
    private static final int DAYS = 21;
    private static final Percentage SEVEN_DIGITS = Percentage.withPercentage(1e-4);

    @TempDir Path data;

    /// What is stored is what the forecaster says of the sums of the cells; the seed's view begins
    /// tomorrow and its line is that of the seven days.
    @Test
    void requestsAreForecastFromWholeDays() throws InterruptedException {
        long now = Clock.system().millis() / 1_000;
        long to = now / DAY * DAY;
        long from = to - DAYS * DAY - DAY / 2;
        try (var history = new RouteHistory(data, from, to, at -> false)) {
            var rounds =
                    new ForecastRounds(
                            ForecastConfig.DEFAULTS,
                            history.queries(),
                            history.tables,
                            StateFile.open(data),
                            null,
                            true,
                            () -> (to + 1_000) * 1_000,
                            () -> 1L << 30,
                            Clock.system(),
                            new OwnMetrics());
            rounds.run();
            assertThat(rounds.trouble()).isNull();
            // The first day is half a day: it is not taken for a whole one.
            double[] days = new double[DAYS - 1];
            history.cells
                    .values()
                    .forEach(cells ->
                            cells.forEach((at, cell) -> {
                                int day = (int) Math.floorDiv(at - (to - (DAYS - 1) * DAY), DAY);
                                if (day >= 0) {
                                    days[day] += cell.requests();
                                }
                            }));
            Forecast naive = Forecaster.daily(days, 91);
            List<String> rows =
                    history.store.rows(
                            "SELECT toUnixTimestamp(target_time), value, low95, high95, model, toUnixTimestamp(training_from), toUnixTimestamp(training_to) FROM otel_metrics.forecasts WHERE signal = 'requests' AND step = 'day' AND service_name = '' ORDER BY target_time");
            assertThat(rows).hasSize(91);
            for (int i = 0; i < 91; i++) {
                String[] row = rows.get(i).split("\\|");
                assertThat(Long.parseLong(row[0])).isEqualTo(to + i * DAY);
                assertThat(Double.parseDouble(row[1])).isCloseTo(naive.values()[i], SEVEN_DIGITS);
                assertThat(Double.parseDouble(row[2])).isCloseTo(naive.low95()[i], SEVEN_DIGITS);
                assertThat(Double.parseDouble(row[3])).isCloseTo(naive.high95()[i], SEVEN_DIGITS);
                assertThat(row[4]).isEqualTo(naive.model());
                assertThat(Long.parseLong(row[5])).isEqualTo(to - (DAYS - 1) * DAY);
                assertThat(Long.parseLong(row[6])).isEqualTo(to);
            }
            view(history, naive);
            assertThat(
                            history.store.rows(
                                    "SELECT environment, service_name, count() FROM otel_metrics.forecasts WHERE signal = 'requests' AND step = 'hour' GROUP BY ALL ORDER BY ALL"))
                    .containsExactly("prod||168", "prod|a|168", "prod|b|168");
            assertThat(String.valueOf(rounds.answer(Map.of("signal", "requests", "days", "2"))))
                    .contains("service_name=a")
                    .contains("disk_free_bytes");
            hoursGoOn(rounds);
        }
    }

    /// Beyond the week that is issued, for who asks.
    private static void hoursGoOn(ForecastRounds rounds) {
        JsonNode week = hours(rounds, "7");
        JsonNode most = hours(rounds, "90");
        assertThat(week.size()).isEqualTo(168);
        assertThat(most.size()).isEqualTo(90 * 24);
        for (int i = 0; i < most.size(); i++) {
            JsonNode one = most.get(i);
            if (i < 168) {
                assertThat(one).isEqualTo(week.get(i));
            }
            assertThat(one.path("value").asDouble())
                    .isBetween(one.path("low95").asDouble(), one.path("high95").asDouble());
        }
    }

    /// Hours that are not known at the end are forecast, too, and are not shown.
    @Test
    void aGapAtTheEndShortensWhatCanBeForetold() {
        var known = new double[500];
        java.util.Arrays.setAll(known, i -> 100 + i % 24);
        int gap = 5;
        Forecast week = Issued.made("requests", "hour", known, gap, 168);
        var issued =
                new Issued(
                        "requests",
                        "hour",
                        "prod",
                        "a",
                        0,
                        0,
                        0,
                        0,
                        known,
                        gap,
                        week,
                        new ForecastCoverage.Count(0, 0, 0));
        Forecast longest = issued.longer(Forecaster.HORIZON_MAX - gap);
        JsonNode shown = new JsonMapper().valueToTree(issued.view(longest, Forecaster.HORIZON_MAX));
        assertThat(shown.path("values").size()).isEqualTo(Forecaster.HORIZON_MAX - gap);
    }

    private static JsonNode hours(ForecastRounds rounds, String days) {
        Map<String, String> asked =
                Map.of("signal", "requests", "step", "hour", "service_name", "a", "days", days);
        return new JsonMapper()
                .valueToTree(rounds.answer(asked))
                .path("forecasts")
                .path(0)
                .path("values");
    }

    private static void view(RouteHistory history, Forecast naive) throws InterruptedException {
        List<String> shown =
                history.store.rows(
                        "SELECT environment, slope, intercept, arrayStringConcat(forecasted_requests, ','), arrayStringConcat(forecast_dates, ',') FROM otel_metrics.v_request_forecast");
        assertThat(shown).hasSize(1);
        String[] row = shown.getFirst().split("\\|");
        String[] values = row[3].split(",");
        String[] dates = row[4].split(",");
        assertThat(values).hasSize(7);
        double meanX = 4;
        double meanY = 0;
        for (int i = 0; i < 7; i++) {
            assertThat(Double.parseDouble(values[i]))
                    .isCloseTo(naive.values()[i + 1], SEVEN_DIGITS);
            assertThat(LocalDate.parse(dates[i]))
                    .isEqualTo(LocalDate.now(ZoneOffset.UTC).plusDays(i + 1));
            meanY += naive.values()[i + 1] / 7;
        }
        double above = 0;
        for (int i = 0; i < 7; i++) {
            above += (i + 1 - meanX) * (naive.values()[i + 1] - meanY);
        }
        double slope = above / 28;
        assertThat(Double.parseDouble(row[1])).isCloseTo(slope, within(0.1));
        assertThat(Double.parseDouble(row[2])).isCloseTo(meanY - slope * meanX, within(0.1));
    }

    private ForecastRounds rounds(RouteHistory history, @Nullable CostHistory costs) {
        return new ForecastRounds(
                ForecastConfig.DEFAULTS,
                history.queries(),
                history.tables,
                StateFile.open(data),
                costs,
                true,
                () -> 0,
                () -> 1L << 30,
                Clock.system(),
                new OwnMetrics());
    }

    /// Rounds every few hours for three days, a new process in between: what the last forecasts say
    /// of those before is what counting all of them says.
    @Test
    void coverageIsWhatCountingSays() throws InterruptedException {
        long to = Clock.system().millis() / 1_000 / DAY * DAY;
        try (var history = new RouteHistory(data, to - 9 * DAY, to, at -> false)) {
            ForecastRounds rounds = rounds(history, null);
            for (long done = to - 3 * DAY; done <= to; done += 5 * 3_600) {
                rounds.round(done);
                if (done < to - 2 * DAY) {
                    rounds = rounds(history, null);
                }
            }
            for (String step : List.of("hour", "day")) {
                long seconds = step.equals("hour") ? 3_600 : DAY;
                var counted = new TreeMap<String, long[]>();
                String newest =
                        "(SELECT max(issued_at) FROM otel_metrics.forecasts WHERE step = '%s')"
                                .formatted(step);
                for (String row :
                        history.store.rows(
                                "SELECT service_name, toUnixTimestamp(target_time), model, low80, high80, low95, high95 FROM otel_metrics.forecasts FINAL WHERE signal = 'requests' AND step = '%s' AND target_time < %s"
                                        .formatted(step, newest))) {
                    String[] one = row.split("\\|");
                    long came = requests(history, one[0], Long.parseLong(one[1]), seconds);
                    long[] counts = counted.computeIfAbsent(one[2], _ -> new long[3]);
                    counts[0]++;
                    for (int i = 0; i < 2; i++) {
                        boolean within =
                                came >= Double.parseDouble(one[3 + 2 * i])
                                        && came <= Double.parseDouble(one[4 + 2 * i]);
                        counts[1 + i] += within ? 1 : 0;
                    }
                }
                assertThat(counted).isNotEmpty();
                counted.forEach((model, counts) -> {
                    try {
                        assertThat(
                                        history.store.rows(
                                                "SELECT DISTINCT judged, round(covered80 * judged), round(covered95 * judged) FROM otel_metrics.forecasts FINAL WHERE signal = 'requests' AND step = '%s' AND model = '%s' AND issued_at = %s"
                                                        .formatted(step, model, newest)))
                                .as("%s %s", step, model)
                                .containsExactly(
                                        "%d|%d|%d".formatted(counts[0], counts[1], counts[2]));
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
            }
            assertThat(
                            history.store.rows(
                                    "SELECT step, forecasts > 0, covered95 > 0 FROM otel_metrics.v_forecast_coverage WHERE signal = 'requests' ORDER BY step"))
                    .contains("day|1|1", "hour|1|1");
            assertThat(String.valueOf(rounds.answer(Map.of("signal", "requests"))))
                    .containsPattern("forecasts_judged=[1-9][0-9]*, covered80=0\\.[0-9]+");

            String rows = "SELECT * FROM otel_metrics.forecasts FINAL ORDER BY ALL";
            List<String> all = history.store.rows(rows);
            history.store.client.execute("DROP TABLE otel_metrics.forecasts");
            rounds(history, null).define();
            assertThat(history.store.rows(rows)).isEqualTo(all);
        }
    }

    private static long requests(RouteHistory history, String service, long from, long seconds) {
        long sum = 0;
        for (var one : history.cells.entrySet()) {
            if (service.isEmpty() || one.getKey().startsWith(service + " ")) {
                for (var cell : one.getValue().subMap(from, from + seconds).values()) {
                    sum += cell.requests();
                }
            }
        }
        return sum;
    }

    /// History that comes later is taken in once it stopped growing, and once only.
    @Test
    void historyThatIsLoadedMakesForecastsAnewOnce() throws InterruptedException {
        long to = Clock.system().millis() / 1_000 / DAY * DAY;
        try (var history = new RouteHistory(data, to - 9 * DAY, to, at -> false)) {
            history.store.client.execute(
                    "CREATE TABLE otel_metrics.later AS otel_metrics.rollup_1h ENGINE = Memory");
            String old = "time < toDateTime(%d, 'UTC')".formatted(to - 2 * DAY);
            history.store.client.execute(
                    "INSERT INTO otel_metrics.later SELECT * FROM otel_metrics.rollup_1h WHERE "
                            + old);
            history.store.client.execute(
                    "ALTER TABLE otel_metrics.rollup_1h DELETE WHERE "
                            + old
                            + " SETTINGS mutations_sync = 2");
            ForecastRounds rounds = rounds(history, null);
            rounds.round(to);
            rounds.lookBack();
            rounds.lookBack();
            assertThat(rounds.isDone(to)).isTrue();
            for (int part = 0; part < 2; part++) {
                history.store.client.execute(
                        "INSERT INTO otel_metrics.rollup_1h SELECT * FROM otel_metrics.later WHERE"
                                + " series_id %% 2 = %d AND toUnixTimestamp(time) >= %d"
                                        .formatted(part, to - (part == 0 ? 5 : 9) * DAY));
                rounds.lookBack();
                assertThat(rounds.isDone(to)).as("it may grow").isTrue();
            }
            rounds.lookBack();
            assertThat(rounds.isDone(to)).as("it stopped growing").isFalse();
            rounds.round(to);
            rounds.lookBack();
            rounds.lookBack();
            assertThat(rounds.isDone(to)).as("once").isTrue();
            assertThat(
                            history.store.rows(
                                    "SELECT DISTINCT toUnixTimestamp(training_from) FROM otel_metrics.forecasts FINAL WHERE signal = 'requests' AND step = 'day' AND service_name = ''"))
                    .containsExactly(Long.toString(to - 8 * DAY)); // the first may not be whole
        }
    }

    /// 2 a day are spent of 41 a month from a level of bytes that grows by 100 MB a day.
    @Test
    void costsAndBudgetsAndTheDiskAreForecast() throws Exception {
        long to = Clock.system().millis() / 1_000 / DAY * DAY;
        Path prices = data.resolve("prices.yaml");
        java.nio.file.Files.writeString(
                prices,
                """
                use: mine
                lists:
                  - name: mine
                    prices: {points: 1}
                budgets:
                  - {name: everything, monthly: 41}
                  - {name: plenty, monthly: 4000}
                """);
        var book = new CostBook(StateFile.open(data));
        for (int day = 30; day > 0; day--) {
            long bytes = 500_000_000L + (30 - day) * 100_000_000L;
            book.replace(
                    to - day * DAY,
                    List.of("points", "engine_byte_hours"),
                    List.of(
                            entry(to - day * DAY, "points", "prod", 1_500_000),
                            entry(to - day * DAY, "points", "", 500_000),
                            entry(to - day * DAY, "engine_byte_hours", "", 24 * bytes)));
        }
        try (var history = new RouteHistory(data, to - 3 * DAY, to, at -> false)) {
            ForecastRounds rounds = rounds(history, new CostHistory(prices.toString(), book));
            rounds.round(to);
            List<String> costs =
                    history.store.rows(
                            "SELECT signal, environment, round(value, 3), model FROM otel_metrics.forecasts FINAL WHERE (signal = 'cost' OR signal LIKE 'budget/%') AND toUnixTimestamp(target_time) = "
                                    + to
                                    + " ORDER BY ALL");
            assertThat(costs)
                    .extracting(one -> one.substring(0, one.lastIndexOf('|')))
                    .containsExactly(
                            "budget/everything||2", "budget/plenty||2", "cost||2", "cost|prod|1.5");
            LocalDate today = LocalDate.ofEpochDay(to / DAY);
            int gone = today.getDayOfMonth() - 1;
            // with the 21st day's 2 there are more than 41
            LocalDate usedUp = gone >= 21 ? today : today.withDayOfMonth(21);
            String answer = String.valueOf(rounds.answer(Map.of("signal", "disk")));
            assertThat(answer)
                    .contains("name=everything, monthly=41.0, spent=" + 2.0 * gone)
                    .contains("used_up=" + usedUp)
                    .contains("name=plenty")
                    .contains("used_up=null")
                    // a GiB is free, of which 100 MB go a day
                    .contains("disk_days_to_full=10");
        }
    }

    /// 3 an hour, the first of which may not be whole, and 10 MB more each; of hours that are days
    /// nothing is said.
    @Test
    void costsAndTheDiskAreForecastByTheHour() throws Exception {
        long to = Clock.system().millis() / 1_000 / DAY * DAY;
        Path prices = data.resolve("prices.yaml");
        java.nio.file.Files.writeString(
                prices, "use: mine\nlists:\n  - name: mine\n    prices: {points: 1}\n");
        var book = new CostBook(StateFile.open(data));
        for (int hour = 80; hour > 0; hour--) {
            long at = to - hour * 3_600;
            book.replace(
                    at,
                    List.of("points", "engine_byte_hours"),
                    List.of(
                            entry(at, 3_600, "points", "prod", 3_000_000),
                            entry(
                                    at,
                                    3_600,
                                    "engine_byte_hours",
                                    "",
                                    1_000_000_000 - hour * 10_000_000L)));
        }
        long before = to - 5 * DAY;
        book.replace(
                before, List.of("points"), List.of(entry(before, "points", "prod", 900_000_000)));
        try (var history = new RouteHistory(data, to - 3 * DAY, to, at -> false)) {
            ForecastRounds rounds = rounds(history, new CostHistory(prices.toString(), book));
            rounds.round(to);
            assertThat(
                            history.store.rows(
                                    "SELECT signal, environment, count(), toUnixTimestamp(min(target_time)), toUnixTimestamp(any(training_from)), round(min(value)), round(max(value)), min(low95 <= value AND value <= high95) FROM otel_metrics.forecasts FINAL WHERE step = 'hour' AND signal IN ('cost', 'disk') GROUP BY ALL ORDER BY ALL"))
                    .containsExactly(
                            "cost||168|%d|%d|3|3|1".formatted(to, to - 79 * 3_600),
                            "cost|prod|168|%d|%d|3|3|1".formatted(to, to - 79 * 3_600),
                            "disk||168|%d|%d|1000000000|2670000000|1"
                                    .formatted(to, to - 79 * 3_600));
            assertThat(
                            String.valueOf(
                                    rounds.answer(
                                            Map.of("signal", "disk", "step", "hour", "days", "1"))))
                    .contains("signal=disk, step=hour");
        }
    }

    private static CostBook.Entry entry(
            long at, long seconds, String meter, String environment, long quantity) {
        return new CostBook.Entry(at, seconds, meter, "p1", environment, "", "", "m", "", quantity);
    }

    private static CostBook.Entry entry(long at, String meter, String environment, long quantity) {
        return entry(at, DAY, meter, environment, quantity);
    }

    /// Of one day half the hours are missing: series and bytes of all others are what they are.
    @Test
    void aDayThatIsNotWholeIsNotOneWithLess() throws Exception {
        long to = Clock.system().millis() / 1_000 / DAY * DAY;
        Path prices = data.resolve("prices.yaml");
        java.nio.file.Files.writeString(
                prices, "use: mine\nlists:\n  - name: mine\n    prices: {points: 1}\n");
        var book = new CostBook(StateFile.open(data));
        try (var history = new RouteHistory(data, to - 9 * DAY, to, at -> false)) {
            long half = to - 2 * DAY;
            history.store.client.execute(
                    "ALTER TABLE otel_metrics.rollup_1h DELETE WHERE toUnixTimestamp(time) >= %d AND toUnixTimestamp(time) < %d SETTINGS mutations_sync = 2"
                            .formatted(half, half + DAY / 2));
            for (int day = 9; day > 0; day--) {
                long at = to - day * DAY;
                int share = at == half ? 2 : 1;
                book.replace(
                        at,
                        List.of("points", "engine_byte_hours"),
                        List.of(
                                entry(at, "points", "prod", 1_000_000 / share),
                                entry(at, "engine_byte_hours", "", 24_000_000 / share)));
            }
            rounds(history, new CostHistory(prices.toString(), book)).round(to);
            assertThat(
                            history.store.rows(
                                    "SELECT signal, min(value), max(value) FROM otel_metrics.forecasts FINAL WHERE step = 'day' AND signal IN ('cost', 'disk') GROUP BY signal ORDER BY signal"))
                    .containsExactly("cost|1|1", "disk|1000000|1000000");
        }
    }

    @Test
    void daysOfWhichHoursAreMissingAreNotKnown() {
        var hours = new History(0, 4 * DAY, 3_600);
        var of = new History.Of("prod", "");
        for (int i = 0; i < 96; i++) {
            if (i / 24 != 2 || i % 24 < 20) {
                hours.add(of, i * 3_600L, 2);
            }
        }
        assertThat(hours.days().values(of)).containsExactly(48, 48, Double.NaN, 48);
    }
}
