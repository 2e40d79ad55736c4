package dev.firn.query.promql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.LabelUse;
import dev.firn.query.promql.lang.Parser;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LabelUseTest {
    private static Set<String> of(String query) {
        return LabelUse.of(Parser.parse(query, Features.STABLE));
    }

    @Test
    void conditionsAndGroupsAreNamed() {
        assertThat(of("sum by (route, pod) (rate(a{env=\"prod\", code!~\"5..\"}[5m]))"))
                .containsExactly("code", "env", "pod", "route");
        assertThat(of("sum(a)")).isEmpty();
        assertThat(of("count(a{x=\"y\"} > 3) / 2")).containsExactly("x");
        assertThat(of("histogram_quantile(0.9, sum by (le) (rate(a[5m])))")).containsExactly("le");
        assertThat(of("sum by (a) (x) / on (a) group_left (b) sum by (a, b) (y)"))
                .containsExactly("a", "b");
        assertThat(of("max_over_time(sum by (a) (x)[1h:5m])")).containsExactly("a");
        assertThat(of("sum(label_replace(x, \"to\", \"$1\", \"from\", \"(.*)\"))"))
                .contains("from", "to")
                .doesNotContain("*");
        assertThat(of("1 + 2")).isEmpty();
    }

    @Test
    void whatLeavesLabelsInTheAnswerOrComparesThemIsAll() {
        for (String query :
                new String[] {
                    "a",
                    "-a * 2",
                    "rate(a[5m]) > 3",
                    "topk(3, a)",
                    "sum without (pod) (a)",
                    "sum(a / b)",
                    "a * on (x) group_left c",
                    "a and on (x) b",
                    "sum(a unless b)",
                    "absent(a)",
                }) {
            assertThat(of(query)).as(query).contains("*");
        }
        assertThat(of("sum(a / on (x) b)")).containsExactly("x");
        assertThat(of("sum(topk(3, a))")).isEmpty();
    }
}
