package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.query.AlertBook.Alert;
import dev.firn.query.AlertBook.Decision;
import dev.firn.query.AlertBook.Severity;
import dev.firn.query.AlertBook.Source;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertBookTest {
    private static final String ROWS =
            "SELECT rule, state, toUnixTimestamp64Milli(started_at) - 1764000000000, toUnixTimestamp64Milli(last_seen_at) - 1764000000000,"
                    + " ifNull(toUnixTimestamp64Milli(resolved_at) - 1764000000000, 0), value, subject['it''s'], summary FROM"
                    + " otel_metrics.alerts ORDER BY started_at, rule";

    @TempDir Path data;

    private static final long BASE = 1_764_000_000_000L;

    private static Decision decision(String rule, long since, double value) {
        return new Decision(
                rule,
                Severity.PAGE,
                Map.of("it's", "a\\b\tc\n'd'", "b", "2"),
                BASE + since,
                value,
                2,
                "a\tb",
                "{}");
    }

    @Test
    void anAlertLastsAsLongAsItsConditionsHold() throws InterruptedException {
        try (var store = new TestStore(data.resolve("engine"))) {
            var tables = new ResultTables(store.client, TestStore.DATABASE);
            var book = new AlertBook(StateFile.open(data), tables);
            List<Alert> changed =
                    book.decide(
                            Source.SLO,
                            List.of(decision("a", 1_000, 3), decision("b", 1_500, Double.NaN)),
                            BASE + 2_000);
            assertThat(changed).hasSize(2).allMatch(one -> one.state().equals("firing"));
            assertThat(book.decide(Source.QUALITY, List.of(decision("a", 1_700, 1)), BASE + 2_500))
                    .hasSize(1);
            changed = book.decide(Source.SLO, List.of(decision("a", 9_999, 4)), BASE + 3_000);
            assertThat(changed).singleElement().matches(one -> one.rule().equals("b"));
            String odd = "|a\\b\tc\n'd'|a\tb";
            var expected =
                    List.of(
                            "a|firing|1000|3000|0|4" + odd,
                            "b|resolved|1500|2000|3000|nan" + odd,
                            "a|firing|1700|2500|0|1" + odd);
            assertThat(store.rows(ROWS)).isEqualTo(expected);

            assertThat(book.decide(Source.SLO, List.of(), BASE + 4_000)).hasSize(1);
            assertThat(book.open(Source.SLO)).isEmpty();
            assertThat(book.open(Source.QUALITY)).hasSize(1);
            // when they hold again it is another alert
            changed = book.decide(Source.SLO, List.of(decision("a", 5_000, 5)), BASE + 5_000);
            assertThat(changed).singleElement().matches(one -> one.startedAt() == BASE + 5_000);
            assertThat(store.rows(ROWS)).hasSize(4);

            store.client.execute("DROP TABLE otel_metrics.firn_alerts"); // a rebuilt engine
            new AlertBook(StateFile.open(data), tables).show(BASE + 6_000);
            assertThat(store.rows(ROWS))
                    .hasSize(4)
                    .contains("a|resolved|1000|3000|4000|4" + odd, expected.get(2));
            // decided of a time before what a new engine was shown
            var after = new AlertBook(StateFile.open(data), tables);
            after.show(BASE + 60_000);
            after.decide(Source.SLO, List.of(), BASE + 6_000);
            assertThat(store.rows(ROWS)).noneMatch(row -> row.startsWith("a|firing|5000"));
            assertThat(book.newest(2))
                    .extracting(Alert::lastSeenAt)
                    .containsExactly(BASE + 5_000, BASE + 3_000);
        }
    }

    private static Decision pending(long since) {
        return new Decision("a", Severity.PAGE, Map.of(), BASE + since, 60_000, 1, 0, "", "{}");
    }

    @Test
    void whatDoesNotLastDoesNotFire() throws InterruptedException {
        var book = new AlertBook(StateFile.open(data), null);
        List<Alert> changed = book.decide(Source.HEALTH, List.of(pending(0)), BASE + 1_000);
        assertThat(changed).singleElement().matches(one -> one.state().equals("pending"));
        assertThat(book.decide(Source.HEALTH, List.of(), BASE + 59_000))
                .singleElement()
                .matches(one -> one.state().equals("resolved") && one.firedAt() == null);
        assertThat(book.resolved(0)).as("nobody was told").isEmpty();

        book.decide(Source.HEALTH, List.of(pending(60_000)), BASE + 61_000);
        assertThat(book.decide(Source.HEALTH, List.of(pending(60_000)), BASE + 119_999)).isEmpty();
        changed = book.decide(Source.HEALTH, List.of(pending(60_000)), BASE + 120_000);
        assertThat(changed)
                .singleElement()
                .matches(one ->
                        one.state().equals("firing")
                                && Objects.equals(one.firedAt(), BASE + 120_000));
        assertThat(book.decide(Source.HEALTH, List.of(pending(60_000)), BASE + 130_000)).isEmpty();
        assertThat(book.open()).hasSize(1);
        book.decide(Source.HEALTH, List.of(), BASE + 140_000);
        assertThat(book.resolved(BASE)).singleElement().matches(one -> one.firedAt() != null);
    }
}
