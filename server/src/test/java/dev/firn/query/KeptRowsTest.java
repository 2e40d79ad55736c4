package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.query.ResultTables.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptRowsTest {
    private static final String CREATE =
            "CREATE TABLE otel_metrics.t (k UInt64, text String, version UInt64) ENGINE ="
                    + " ReplacingMergeTree(version) ORDER BY k";
    private static final String ROWS = "SELECT * FROM otel_metrics.t FINAL ORDER BY k";
    private static final String COUNT = "SELECT count() FROM otel_metrics.t";

    @TempDir Path data;
    private TestStore store;
    private ResultTables tables;
    private StateFile state;

    @BeforeEach
    void start() throws InterruptedException {
        store = new TestStore(data.resolve("engine"));
        store.client.execute(CREATE);
        tables = new ResultTables(store.client, TestStore.DATABASE);
        state = StateFile.open(data);
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private static List<Row> rows(int from, int to, String text, long version) {
        var rows = new ArrayList<Row>();
        for (int i = from; i < to; i++) {
            rows.add(new Row().number(i).text(text).number(version));
        }
        return rows;
    }

    private static void put(KeptRows kept, List<Row> rows, long until, long now)
            throws InterruptedException {
        kept.insert("t", "k, text, version", rows, until, now);
    }

    @Test
    void aNewEngineGetsWhatIsKeptInItsOrderAndAnOldOneOnlyWhatItLacks()
            throws InterruptedException {
        var kept = new KeptRows(state, tables);
        kept.restore("t");
        put(kept, rows(0, 45_000, "a\tb\\c\n'", 1), 1_000, 1);
        put(kept, rows(44_990, 45_010, "judged again", 2), 1_000, 2);
        List<String> all = store.rows(ROWS);
        assertThat(all).hasSize(45_010);

        store.client.execute("DROP TABLE otel_metrics.t");
        store.client.execute("DROP TABLE otel_metrics.firn_kept_blocks");
        store.client.execute(CREATE);
        new KeptRows(state, tables).restore("t");
        assertThat(store.rows(ROWS)).isEqualTo(all);

        List<String> count = store.rows(COUNT);
        new KeptRows(state, tables).restore("t");
        assertThat(store.rows(COUNT)).isEqualTo(count);

        // kept, but the engine went before it had them
        store.client.execute("RENAME TABLE otel_metrics.t TO otel_metrics.away");
        assertThatThrownBy(() -> put(kept, rows(50_000, 50_001, "late", 3), 1_000, 3))
                .isInstanceOf(RuntimeException.class);
        store.client.execute("RENAME TABLE otel_metrics.away TO otel_metrics.t");
        new KeptRows(state, tables).restore("t");
        assertThat(store.rows(ROWS)).hasSize(45_011).contains("50000|late|3");
    }

    @Test
    void whatIsOldOrTooMuchGoes() throws InterruptedException {
        var kept = new KeptRows(state, tables, 4_000);
        kept.restore("t");
        put(kept, rows(0, 1, "old", 1), 10, 1);
        var random = new java.util.Random(1);
        for (int i = 1; i <= 8; i++) {
            byte[] noise = new byte[700];
            random.nextBytes(noise);
            put(kept, rows(i, i + 1, java.util.HexFormat.of().formatHex(noise), 1), 1_000, 11);
        }
        store.client.execute("TRUNCATE TABLE otel_metrics.t");
        new KeptRows(state, tables).restore("t");
        assertThat(store.rows("SELECT k FROM otel_metrics.t ORDER BY k"))
                .contains("8")
                .doesNotContain("0", "1")
                .hasSizeBetween(4, 6);
    }
}
