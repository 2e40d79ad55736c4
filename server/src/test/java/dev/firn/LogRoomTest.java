package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.wal.WalOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LogRoomTest {
    @Test
    void theLogsOwnDefaultsAreTheConfigurations() throws IOException {
        String documented;
        try (var in = Objects.requireNonNull(LogRoom.class.getResourceAsStream("default.yaml"))) {
            documented = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        WalOptions defaults = WalOptions.of();
        assertThat(documented)
                .contains("disk_free_min: " + (defaults.diskFreeMin() >> 20) + "MiB")
                .contains("cut_interval: " + defaults.cutIntervalMillis() / 1_000 + "s")
                .contains("segment_size: " + (defaults.segmentSize() >> 20) + "MiB")
                .contains("size_max: " + (defaults.sizeMax() >> 30) + "GiB");
    }
}
