package dev.firn.lake;

import dev.firn.base.NioDisk;
import dev.firn.model.Position;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/// Prints how long a commit takes on SQLite and a local disk, files synced; for
/// `docs/decisions/004-iceberg-commit.md`. Not a test.
final class CommitTimes {
    private static final int COMMITS = 80;
    private static final int WARM_UP = 20;

    private CommitTimes() {}

    public static void main(String[] args) throws Exception {
        Path data = Files.createTempDirectory("firn-commit-times");
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            catalog.createTables(TestTables.both());
            Table table = catalog.load(LakePaths.POINTS);
            var commit = new LakeCommit(new Backoff(new Random(1), 1, 1), 1);
            var millis = new double[COMMITS];
            String previous = null;
            for (int i = -WARM_UP; i < COMMITS; i++) {
                List<DataFile> files =
                        List.of(TestTables.write(table, List.of(new TestTables.Row("w", i, i))));
                String next = new Position(1, i + WARM_UP + 1, 1).toString();
                long start = System.nanoTime();
                commit.commit(table, "w", previous, next, files);
                if (i >= 0) {
                    millis[i] = (System.nanoTime() - start) / 1e6;
                }
                previous = next;
            }
            Arrays.sort(millis);
            System.out.printf(
                    "commit ms: median %.1f, 90%% %.1f, least %.1f, most %.1f%n",
                    millis[COMMITS / 2], millis[COMMITS * 9 / 10], millis[0], millis[COMMITS - 1]);
        }
    }
}
