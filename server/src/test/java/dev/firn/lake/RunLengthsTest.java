package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.ByteWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.junit.jupiter.api.Test;

class RunLengthsTest {
    @Test
    void parquetsDecoderReadsWhatWasWritten() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            int width = random.nextInt(25);
            var out = new ByteWriter(16);
            var encoder = new RunLengths(out);
            encoder.begin(width);
            int[] values = new int[random.nextInt(5000)];
            for (int at = 0; at < values.length; ) {
                int times =
                        Math.min(
                                values.length - at,
                                random.nextInt(3) == 0 ? random.nextInt(1000) + 1 : 1);
                int value =
                        width == 0
                                ? 0
                                : random.nextInt(1 << Math.min(width, 1 + random.nextInt(24)));
                encoder.add(value, times);
                for (int i = 0; i < times; i++) {
                    values[at++] = value;
                }
            }
            encoder.end();
            var decoder =
                    new RunLengthBitPackingHybridDecoder(
                            width, new ByteArrayInputStream(out.toBytes()));
            for (int i = 0; i < values.length; i++) {
                assertThat(decoder.readInt()).as("seed %s, value %s", seed, i).isEqualTo(values[i]);
            }
        }
    }
}
