package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// What travels to the child, and what must not show.
final class EngineConfigTest {
    private static final String SECRET = "0123456789abcdefghij";

    @Test
    void secretTravelsButIsNeverShown() {
        var config =
                new EngineConfig(
                        Path.of("/x/lib.so"),
                        Path.of("/x/data"),
                        "127.0.0.1",
                        1,
                        SECRET,
                        1 << 30,
                        "d",
                        QueryLimits.within(1 << 30));
        assertThat(EngineConfig.fromLine(config.toLine())).isEqualTo(config);
        assertThat(config.toString()).doesNotContain(SECRET).contains("/x/data");
        assertThatThrownBy(() -> EngineConfig.fromLine(config.toLine() + "&broken=%zz"))
                .hasMessageNotContaining(SECRET)
                .hasStackTraceContaining("control line")
                .satisfies(e -> assertThat(String.valueOf(e.getCause())).doesNotContain(SECRET));
    }
}
