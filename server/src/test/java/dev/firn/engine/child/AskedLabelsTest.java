package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AskedLabelsTest {
    private static Set<String> of(String sql) {
        return AskedLabels.of(
                sql.getBytes(StandardCharsets.UTF_8),
                Map.of("k", "by.parameter".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void keysPathsAndColumnsAreNames() {
        assertThat(of("SELECT count() FROM series WHERE attributes_map['pod.name'] = 'x'"))
                .containsExactly("pod.name");
        assertThat(of("SELECT s.attributes_map[{k:String}] AS v FROM series AS s GROUP BY v"))
                .containsExactly("by.parameter");
        assertThat(of("SELECT attributes.http.target, attributes.`x`.y::String FROM t"))
                .containsExactly("http.target", "x.y");
        assertThat(of("SELECT http_route FROM v GROUP BY http_route"))
                .containsExactly("http.route", "http_route");
    }

    @Test
    void aWholeColumnIsAll() {
        for (String sql :
                new String[] {
                    "SELECT * FROM series",
                    "SELECT DISTINCT * FROM series",
                    "SELECT s.* FROM series AS s",
                    "SELECT attributes_map FROM series",
                    "SELECT attributes FROM series",
                    "SELECT mapKeys(attributes_map) FROM series",
                    "SELECT attributes_map[concat('a', 'b')] FROM series",
                    "SELECT attributes_map[{missing:String}] FROM series",
                }) {
            assertThat(of(sql)).as(sql).containsExactly("*");
        }
    }

    @Test
    void othersNameNone() {
        for (String sql :
                new String[] {
                    "SELECT count(*) FROM series",
                    "SELECT 2 * 3",
                    "SELECT 'attributes_map[''a'']' -- attributes_map['a']",
                    "SELECT service_name FROM series WHERE metric_name = 'attributes'",
                }) {
            assertThat(of(sql)).as(sql).isEmpty();
        }
    }
}
