package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadingsTest {
    /// What is found, as `table: column OPERATOR constants; …`, one a reading; or `unknown`.
    private static String read(String rendering) {
        return Readings.of(
                        rendering,
                        Set.of("otel_metrics"),
                        Set.of("lake_points"),
                        Set.of("samples", "series"))
                .map(readings ->
                        String.join(
                                " | ",
                                readings.stream()
                                        .map(reading ->
                                                reading.table()
                                                        + ":"
                                                        + String.join(
                                                                ";",
                                                                reading.conditions().stream()
                                                                        .map(ReadingsTest::show)
                                                                        .toList()))
                                        .toList()))
                .orElse("unknown");
    }

    private static String show(Reading.Condition condition) {
        return " "
                + condition.column()
                + " "
                + condition.operator()
                + " "
                + String.join(" ~ ", condition.constants());
    }

    @Test
    void simpleComparisonsOfOneTableAreFound() {
        assertThat(
                        read(
                                "SELECT count() FROM lake_points WHERE (time >= '2026-01-01') AND"
                                        + " (('2026-01-02' > time) AND (metric_name IN ('a', 'b')))"
                                        + " AND (series_id = -5) GROUP BY x"))
                .isEqualTo(
                        "lake_points: time GREATER_OR_EQUAL '2026-01-01'; time LESS '2026-01-02';"
                                + " metric_name IN 'a' ~ 'b'; series_id EQUAL - 5");
        assertThat(read("SELECT 1 FROM otel_metrics.lake_points AS p WHERE p.time > toDate('x')"))
                .isEqualTo("lake_points: time GREATER toDate ( 'x' )");
        assertThat(read("SELECT 1 FROM lake_points PREWHERE a = 1 WHERE b = 2"))
                .isEqualTo("lake_points: a EQUAL 1; b EQUAL 2");
    }

    @Test
    void whatMayHoldWithoutAConditionIsNotTakenForOne() {
        for (String where :
                new String[] {
                    "(time >= 1) OR (a = 1)",
                    "NOT (time >= 1)",
                    "time != 1",
                    "1 != time",
                    "time <=> 1",
                    "time + 1 >= 5",
                    "time >= (a + 1)",
                    "time >= rand()",
                    "time NOT IN (1, 2)",
                    "(time >= 1) = 0",
                    "lower(name) = 'x'",
                    "name LIKE 'x%'",
                    "if(a, time >= 1, 0)",
                    "other.time >= 1",
                    "time >= {since:DateTime}",
                    "time < now()",
                    "time >= (now() - x)",
                    "time >= toIntervalHour(now())"
                }) {
            assertThat(read("SELECT 1 FROM lake_points WHERE " + where))
                    .as(where)
                    .isEqualTo("lake_points:");
        }
    }

    @Test
    void anAliasHidesTheColumnOfItsName() {
        assertThat(read("SELECT x + 1 AS time FROM lake_points WHERE (time >= 1) AND (a = 1)"))
                .isEqualTo("lake_points: a EQUAL 1");
        assertThat(read("WITH 5 AS time SELECT 1 FROM lake_points WHERE time >= 1"))
                .isEqualTo("lake_points:");
    }

    @Test
    void theClockBoundsFromBelowAndWithRoom() {
        assertThat(read("SELECT 1 FROM lake_points WHERE time >= (now() - toIntervalHour(1))"))
                .isEqualTo(
                        "lake_points: time GREATER_OR_EQUAL (( now ( ) - toIntervalHour ( 1 ) )) -"
                                + " toIntervalMinute(2)");
        assertThat(read("SELECT 1 FROM lake_points WHERE time >= today()"))
                .isEqualTo("lake_points: time GREATER_OR_EQUAL (today ( )) - toIntervalDay(2)");
    }

    @Test
    void everyReadingCounts() {
        assertThat(
                        read(
                                "SELECT 1 FROM lake_points WHERE a = 1 UNION ALL SELECT 2 FROM"
                                        + " lake_points WHERE b = 2"))
                .isEqualTo("lake_points: a EQUAL 1 | lake_points: b EQUAL 2");
        assertThat(read("SELECT 1 FROM (SELECT * FROM lake_points WHERE a = 1) WHERE b = 2"))
                .isEqualTo("lake_points: a EQUAL 1");
        assertThat(read("SELECT 1 FROM samples WHERE x IN (SELECT y FROM lake_points)"))
                .isEqualTo("lake_points:");
    }

    @Test
    void joinsKeepConditionsOnlyWhereDroppedRowsChangeNothing() {
        String where = " ON p.id = s.id WHERE (p.time >= 1) AND (a = 1)";
        assertThat(read("SELECT 1 FROM lake_points AS p INNER JOIN series AS s" + where))
                .isEqualTo("lake_points: time GREATER_OR_EQUAL 1");
        assertThat(read("SELECT 1 FROM lake_points AS p LEFT JOIN series AS s" + where))
                .isEqualTo("lake_points: time GREATER_OR_EQUAL 1");
        for (String join :
                new String[] {
                    "RIGHT JOIN", "FULL JOIN", "LEFT ANY JOIN", "ASOF JOIN", "CROSS JOIN"
                }) {
            assertThat(read("SELECT 1 FROM lake_points AS p " + join + " series AS s" + where))
                    .as(join)
                    .isEqualTo("lake_points:");
        }
        assertThat(read("SELECT 1 FROM series AS s LEFT JOIN lake_points AS p" + where))
                .isEqualTo("lake_points:");
    }

    @Test
    void whatMayReachTheTableUnseenIsUnknown() {
        for (String statement :
                new String[] {
                    "SELECT 1 FROM lake_points, samples WHERE time = 1",
                    "SELECT 1 FROM lake_points WHERE (time = 1) AND (x IN (v_other))",
                    "SELECT 1 FROM v_other UNION ALL SELECT 1 FROM lake_points WHERE time = 1",
                    "SELECT 1 FROM merge('otel_metrics', 'lake') WHERE time = 1",
                    "SELECT 1 FROM elsewhere.lake_points WHERE time = 1",
                    "SELECT 1 FROM lake_points AS p INNER JOIN v_other ON 1 WHERE p.time = 1",
                    "WITH lake_points AS (SELECT 1) SELECT 1 FROM lake_points WHERE time = 1",
                    "SELECT 1 FROM {t:Identifier} WHERE time = 1",
                    "SELECT 1 FROM lake_points WHERE $a = 1"
                }) {
            assertThat(read(statement)).as(statement).isEqualTo("unknown");
        }
    }
}
