package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.model.Batch;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files read by something that shares no code with their writer.
class LakeByDuckDbTest {
    private static final String QUESTION =
            """
            SELECT count(*), count(value), count(value_int), bit_xor(value_int), bit_xor("count"),
              sum(len(bucket_counts)), sum(len(explicit_bounds)), sum(len(quantiles)),
              sum(len(exemplars)), count(DISTINCT series_id), count(bucket_counts),
              sum(epoch_us("time") %% 1000003), sum(length(attributes)), sum(strlen(resource))
            FROM read_parquet('%s', hive_partitioning = false)
            """;

    @TempDir Path folder;

    @Test
    void countsSumsAndListsAreTheSame() throws SQLException {
        var random = new RandomPoints(new Random(9), 40, 3);
        Batch batch = random.batch(4000);
        List<Map<String, Object>> rows = PlainRows.of(batch, TestLake.WRITER, 1);
        try (var lake = new TestLake(folder)) {
            lake.write(List.of(batch));
            Path files = folder.resolve("lake/warehouse/metrics/points/data/**/*.parquet");
            try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = duck.createStatement();
                    ResultSet answer = statement.executeQuery(QUESTION.formatted(files))) {
                answer.next();
                compare(rows, answer);
            }
        }
    }

    private static void compare(List<Map<String, Object>> rows, ResultSet answer)
            throws SQLException {
        assertThat(answer.getLong(1)).isEqualTo(rows.size());
        assertThat(answer.getLong(2)).isEqualTo(having(rows, "value").count());
        assertThat(answer.getLong(3)).isEqualTo(having(rows, "value_int").count());
        assertThat(answer.getLong(4)).isEqualTo(xor(rows, "value_int"));
        assertThat(answer.getLong(5)).isEqualTo(xor(rows, "count"));
        assertThat(answer.getLong(6)).isEqualTo(lengths(rows, "bucket_counts"));
        assertThat(answer.getLong(7)).isEqualTo(lengths(rows, "explicit_bounds"));
        assertThat(answer.getLong(8)).isEqualTo(lengths(rows, "quantiles"));
        assertThat(answer.getLong(9)).isEqualTo(lengths(rows, "exemplars"));
        assertThat(answer.getLong(10)).isEqualTo(having(rows, "series_id").distinct().count());
        assertThat(answer.getLong(11)).isEqualTo(having(rows, "bucket_counts").count());
        assertThat(answer.getLong(12))
                .isEqualTo(
                        having(rows, "time").mapToLong(time -> (Long) time / 1000 % 1000003).sum());
        assertThat(answer.getLong(13))
                .isEqualTo(
                        having(rows, "attributes")
                                .mapToLong(json -> json.toString().codePoints().count())
                                .sum());
        assertThat(answer.getLong(14)).isPositive();
    }

    private static Stream<Object> having(List<Map<String, Object>> rows, String column) {
        return rows.stream().map(row -> row.get(column)).filter(Objects::nonNull);
    }

    private static long xor(List<Map<String, Object>> rows, String column) {
        return having(rows, column).mapToLong(value -> (Long) value).reduce(0, (a, b) -> a ^ b);
    }

    private static long lengths(List<Map<String, Object>> rows, String column) {
        return having(rows, column).mapToLong(list -> ((List<?>) list).size()).sum();
    }
}
