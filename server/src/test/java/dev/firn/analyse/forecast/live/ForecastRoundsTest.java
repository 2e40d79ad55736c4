package dev.firn.analyse.forecast.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.firn.analyse.forecast.Forecast;
import dev.firn.analyse.forecast.Forecaster;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.ForecastConfig;
import dev.firn.query.RouteHistory;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForecastRoundsTest {
    private static final long DAY = 86_400;
    private static final int DAYS = 21;

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
                assertThat(Double.parseDouble(row[1])).isCloseTo(naive.values()[i], within(1e-6));
                assertThat(Double.parseDouble(row[2])).isCloseTo(naive.low95()[i], within(1e-6));
                assertThat(Double.parseDouble(row[3])).isCloseTo(naive.high95()[i], within(1e-6));
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
        }
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
                    .isCloseTo(naive.values()[i + 1], within(1e-6));
            assertThat(LocalDate.parse(dates[i]))
                    .isEqualTo(LocalDate.now(ZoneOffset.UTC).plusDays(i + 1));
            meanY += naive.values()[i + 1] / 7;
        }
        double above = 0;
        for (int i = 0; i < 7; i++) {
            above += (i + 1 - meanX) * (naive.values()[i + 1] - meanY);
        }
        double slope = above / 28;
        assertThat(Double.parseDouble(row[1])).isCloseTo(slope, within(1e-3));
        assertThat(Double.parseDouble(row[2])).isCloseTo(meanY - slope * meanX, within(1e-2));
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
