package dev.firn.lake;

import dev.firn.model.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// A writer of [TestTables]' rows that knows where it stands, and tries as long as it takes.
public final class TestWriter {
    private final String name;
    private final LakeCommit commit;
    private long sequence;

    public TestWriter(String name, int seed) {
        this.name = name;
        this.commit = new LakeCommit(new Backoff(new Random(seed), 5, 100), 1_000);
    }

    private static @Nullable String position(long sequence) {
        return sequence == 0 ? null : new Position(7, sequence, sequence).toString();
    }

    /// Commits the next cut, with these rows, in a file of its own.
    public void append(LakeCatalog catalog, long... ids) {
        Table table = catalog.load(LakePaths.POINTS);
        sequence++;
        var rows = new ArrayList<TestTables.Row>();
        for (long id : ids) {
            rows.add(new TestTables.Row(name, sequence, id));
        }
        commit(table, List.copyOf(rows));
    }

    private LakeCommit.Outcome commit(Table table, List<TestTables.Row> rows) {
        return commit.commit(
                table,
                name,
                position(sequence - 1),
                String.valueOf(position(sequence)),
                rows.isEmpty() ? List.of() : List.of(TestTables.write(table, rows)));
    }

    /// Tries its last commit again, as after a crash; true if it was recognised as done.
    public boolean repeatIsRecognised(LakeCatalog catalog) {
        Table table = catalog.load(LakePaths.POINTS);
        return commit(table, List.of(new TestTables.Row(name, sequence, -1)))
                == LakeCommit.Outcome.ALREADY;
    }
}
