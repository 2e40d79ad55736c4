package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalChartTest {
    @Test
    void aLineRisesFromTheLowerLeftToTheUpperRight() {
        var chart = new TerminalChart(4, 2, false);
        List<String> rows =
                chart.draw(
                        List.of(
                                new TerminalChart.Line(
                                        new double[] {0, 0.33, 0.34, 0.66, 0.67, 1},
                                        new double[] {0, 33, 34, 66, 67, 100})));
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0)).startsWith("        100 ┤  ");
        assertThat(rows.get(1)).startsWith("          0 ┤");
        assertThat(rows.get(0).stripTrailing()).hasSize(17);
        assertThat(rows.get(1).stripTrailing()).hasSizeLessThan(16);
    }

    @Test
    void whatIsNoNumberIsLeftOut() {
        var chart = new TerminalChart(10, 3, false);
        List<String> rows =
                chart.draw(
                        List.of(
                                new TerminalChart.Line(
                                        new double[] {0, 0.5, 1},
                                        new double[] {Double.NaN, Double.POSITIVE_INFINITY, 5})));
        assertThat(String.join("", rows).codePoints().filter(c -> c > 0x2800 && c < 0x2900))
                .hasSize(1);
        assertThat(new TerminalChart(10, 3, false).draw(List.of())).hasSize(3);
    }
}
