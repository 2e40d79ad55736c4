package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {
    @TempDir Path folder;

    @Test
    void everyFieldComesBackBitForBit() {
        for (int seed = 1; seed <= 8; seed++) {
            var random = new RandomPoints(new Random(seed), 40, 3);
            var cuts = List.of(random.batch(300), random.batch(1), random.batch(700));
            var expected = new ArrayList<Map<String, Object>>();
            for (int i = 0; i < cuts.size(); i++) {
                expected.addAll(PlainRows.of(cuts.get(i), TestLake.WRITER, i + 1));
            }
            try (var lake = new TestLake(folder.resolve("lake-" + seed))) {
                lake.write(cuts);
                List<Map<String, Object>> read =
                        lake.points(Expressions.alwaysTrue()).stream().map(PlainRows::of).toList();
                assertThat(read).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
    }
}
