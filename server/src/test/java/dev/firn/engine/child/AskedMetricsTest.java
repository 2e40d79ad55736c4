package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AskedMetricsTest {
    private static Set<String> of(String sql) {
        return AskedMetrics.of(
                sql.getBytes(StandardCharsets.UTF_8),
                Map.of(
                        "m", "by.parameter".getBytes(StandardCharsets.UTF_8),
                        "n", "7".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void namesThatTheColumnIsComparedWith() {
        assertThat(of("SELECT 1 FROM series WHERE metric_name = 'a.b'")).containsExactly("a.b");
        assertThat(
                        of(
                                "SELECT 1 FROM series AS s WHERE (s.`metric_name`=='a') OR s.metric_name='b'"))
                .containsExactly("a", "b");
        assertThat(of("WHERE metric_name IN ('x', 'it''s' , 'back\\\\slash') AND y = 'z'"))
                .containsExactly("back\\slash", "it's", "x");
        assertThat(of("WHERE metric_name in 'x'")).containsExactly("x");
        assertThat(of("WHERE metric_name = {m:String} AND metric_name = {n:UInt8}"))
                .containsExactly("by.parameter");
        assertThat(of("WHERE metric_name IN ({m:String}, 'x')"))
                .containsExactly("by.parameter", "x");
    }

    @Test
    void othersNameNone() {
        for (String sql :
                new String[] {
                    "SELECT metric_name FROM series",
                    "SELECT 'metric_name = ''a''' -- metric_name = 'a'",
                    "WHERE metric_name != 'a' AND metric_name LIKE 'a%' AND metric_name NOT IN ('a')",
                    "WHERE other_metric_name = 'a' AND metric_name IN (SELECT metric_name FROM t)",
                    "WHERE metric_name = {missing:String}",
                    "WHERE metric_name = {",
                    "WHERE metric_name IN (",
                    "WHERE metric_name = 'never ends",
                    "WHERE metric_name = ''",
                    "WHERE metric_name = '__idle__'",
                    "SELECT cost FROM v_cost_attribution WHERE metric_name = 'a'",
                }) {
            assertThat(of(sql)).as(sql).isEmpty();
        }
    }
}
