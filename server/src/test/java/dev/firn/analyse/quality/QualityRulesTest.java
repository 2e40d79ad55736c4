package dev.firn.analyse.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QualityRulesTest {
    private static Finding finding(Check check, String metric, double observed, double expected) {
        return new Finding(check, "p", "prod", "cart", metric, observed, expected, 1, 1, "");
    }

    @Test
    void theShippedFileIsReadAndItsFirstFittingRuleHolds() {
        QualityRules rules = QualityRules.open("../config/quality.yaml");
        assertThat(rules.isWrong(finding(Check.GAPS, "batch.rows", 1, 0))).isFalse();
        assertThat(rules.isWrong(finding(Check.GAPS, "http.requests", 1, 0))).isTrue();
        assertThat(rules.isWrong(finding(Check.GAPS, "http.requests", 0.09, 0))).isFalse();
        assertThat(QualityRules.NONE.isWrong(finding(Check.GAPS, "batch.rows", 1, 0))).isTrue();
        assertThat(QualityRules.NONE.isWrong(finding(Check.FRESHNESS, "m", 301, 60))).isTrue();
        assertThat(QualityRules.NONE.isWrong(finding(Check.FRESHNESS, "m", 301, 120))).isFalse();
        assertThat(QualityRules.NONE.isWrong(finding(Check.VOLUME, "", 400, 1_000))).isTrue();
        assertThat(QualityRules.NONE.isWrong(finding(Check.VOLUME, "", 600, 1_000))).isFalse();
        assertThat(QualityRules.NONE.isWrong(finding(Check.VOLUME, "", 2_001, 1_000))).isTrue();
    }

    @Test
    void mistakesAreAllTold() {
        String text = "rules:\n  - {metrics: a, off: [speed]}\n  - {gap_share: 2}\n";
        assertThatThrownBy(() -> QualityRules.read("q.yaml", text))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("q.yaml:2")
                .hasMessageContaining("speed")
                .hasMessageContaining("metrics")
                .hasMessageContaining("gap_share");
    }

    @Test
    void whatHasOneCauseIsOneIncident() {
        var all = new ArrayList<Finding>();
        for (String service : List.of("a", "b")) {
            for (String metric : List.of("m", "n")) {
                boolean fine = service.equals("b") && metric.equals("n");
                all.add(
                        new Finding(
                                Check.FRESHNESS,
                                "p",
                                "prod",
                                service,
                                metric,
                                fine ? 1 : 999,
                                10,
                                1,
                                1,
                                ""));
            }
        }
        assertThat(Collapse.wrong(all, QualityRules.NONE::isWrong))
                .extracting(Finding::service, Finding::metric)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", ""),
                        org.assertj.core.groups.Tuple.tuple("b", "m"));
        all.removeLast();
        assertThat(Collapse.wrong(all, QualityRules.NONE::isWrong))
                .singleElement()
                .matches(one -> one.service().isEmpty() && one.subject().size() == 2);
    }
}
