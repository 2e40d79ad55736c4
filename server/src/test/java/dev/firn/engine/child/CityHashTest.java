package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import com.clickhouse.data.ClickHouseCityHash;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CityHashTest {
    @Test
    void equalsTheOfficialClientsAtEveryLength() {
        var random = new Random(1);
        for (int length = 0; length < 700; length++) {
            byte[] bytes = new byte[length + 7];
            random.nextBytes(bytes);
            var hash = CityHash.hash128(bytes, 7, length);
            byte[] alone = java.util.Arrays.copyOfRange(bytes, 7, bytes.length);
            assertThat(new long[] {hash.low(), hash.high()})
                    .as("length %d", length)
                    .isEqualTo(ClickHouseCityHash.cityHash128(alone, 0, length));
        }
    }
}
