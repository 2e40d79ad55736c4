package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WaitingTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theLineIsToldAndGoesWithTheAnswer() {
        try (var _ = Waiting.on("comparing", out, 1)) {
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (!text().contains("firn: comparing, 0 s") && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
        }
        assertThat(text()).contains("firn: comparing, 0 s").endsWith("\r\033[K");
    }

    @Test
    void aQuickAnswerShowsNothing() {
        try (var _ = Waiting.on("comparing", out, Long.MAX_VALUE)) {
            assertThat(text()).isEmpty();
        }
        assertThat(text()).isEmpty();
    }
}
