package dev.firn.analyse.anomaly.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.analyse.anomaly.Detector.Kind;
import dev.firn.base.InputException;
import org.junit.jupiter.api.Test;

class SignalSettingsTest {
    @Test
    void theShippedExampleIsRead() {
        SignalSettings read = SignalSettings.open("../config/anomaly.yaml");
        assertThat(read.signals()).isNotEmpty();
        assertThat(read.signals().getFirst().kind()).isEqualTo(Kind.GAUGE);
    }

    @Test
    void mistakesAreNamedWithTheirLines() {
        assertThatThrownBy(() ->
                        SignalSettings.read(
                                "anomaly.yaml",
                                """
                                off: [weather]
                                signals:
                                  - name: request_rate
                                    sql: SELECT 1
                                  - name: queue
                                    kinds: gauge
                                    sql: "SELECT {from:UInt32} AS time, {to:UInt32} AS value;"
                                """))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("anomaly.yaml:1")
                .hasMessageContaining("\"weather\" is none of")
                .hasMessageContaining("\"request_rate\" is taken")
                .hasMessageContaining("needs {from:UInt32} and {to:UInt32}")
                .hasMessageContaining("kinds")
                .hasMessageContaining("semicolon");
    }
}
