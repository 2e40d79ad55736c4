package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LakeKeepConfigTest {
    private static final long DAY = 86_400_000_000_000L;

    @Test
    void rulesAreReadInTheirOrder() throws IOException {
        String text = Files.readString(Path.of("src/test/config/good/lake-retention.yaml"));
        LakeKeepConfig keep =
                ConfigReader.parse(Map.of("test.yaml", text), name -> null).lake().keep();
        assertThat(keep.snapshotsOlderThanNanos()).isEqualTo(DAY / 4);
        assertThat(keep.retention())
                .containsExactly(
                        new LakeKeepConfig.Rule("", "", "billing.*", LakeKeepConfig.FOREVER),
                        new LakeKeepConfig.Rule("dev", "", "", 30 * DAY),
                        new LakeKeepConfig.Rule("", "edge", "debug.?", DAY));
        assertThat(keep.leastKeepDays(90)).isEqualTo(1);
        assertThat(LakeKeepConfig.DEFAULT.leastKeepDays(90)).isEqualTo(90);
    }
}
