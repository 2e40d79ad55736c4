package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What data quality decides, from a fault to its end, in a whole Firn whose clock is moved on.
class IncidentServedTest {
    private static final String FRESHNESS =
            "SELECT countIf(state = 'firing'), countIf(state = 'resolved') FROM alerts WHERE source = 'quality' AND rule = 'freshness'";
    private static final int LEARNED = 30;

    private static String freshness(Watched firn) {
        return firn.served.sql(FRESHNESS);
    }

    @Test
    void aSilenceIsAnIncidentUntilItEnds(@TempDir Path folder) {
        String looking = Watched.QUIETLY.replace("quality: {enabled: false}\n", "");
        assertThat(looking).doesNotContain("quality");
        try (var firn = new Watched(folder, looking, new Watched.Moved())) {
            for (int i = 0; i < LEARNED; i++) {
                firn.send(100, 0);
                firn.step();
            }
            Watched.await(
                    "what is decided", () -> firn.served.sql("EXISTS TABLE alerts").equals("1"));
            assertThat(freshness(firn)).isEqualTo("0\t0");
            firn.steps(() -> {}, () -> !freshness(firn).startsWith("0\t"));
            assertThat(freshness(firn)).doesNotStartWith("0\t");
            firn.steps(() -> firn.send(100, 0), () -> freshness(firn).startsWith("0\t"));
            assertThat(freshness(firn)).startsWith("0\t").isNotEqualTo("0\t0");
        }
    }
}
