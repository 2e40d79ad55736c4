package dev.firn.lake.keep;

import static dev.firn.lake.keep.KeepFixture.age;
import static dev.firn.lake.keep.KeepFixture.assertWhole;
import static dev.firn.lake.keep.KeepFixture.files;
import static dev.firn.lake.keep.KeepFixture.metrics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.NioDisk;
import dev.firn.base.WorldException;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeFiles;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.TestHome;
import dev.firn.lake.TestTables;
import dev.firn.lake.TestWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphansTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir Path data;

    private final TestWriter writer = new TestWriter("w", 1);
    private TestHome home;
    private LakeCatalog catalog;
    private Table table;

    @BeforeEach
    void open() throws Exception {
        home = new TestHome(TestHome.Kind.SQLITE, data);
        catalog = home.catalog();
        writer.append(catalog, 1);
        writer.append(catalog, 2);
        table = catalog.load(LakePaths.POINTS);
        catalog.refreshCurrentMetadata(table);
    }

    @org.junit.jupiter.api.AfterEach
    void close() throws Exception {
        home.close();
    }

    private Orphans.Report run(Duration age, boolean dry) throws InterruptedException {
        return new Orphans(catalog, metrics())
                .run(LakePaths.POINTS, age, dry, LakePace.unlimited());
    }

    private DataFile neverCommitted() {
        return TestTables.write(table, List.of(new TestTables.Row("w", 9, 9)));
    }

    @Test
    void oldFilesThatNothingReachesGoAndAllElseStays() throws Exception {
        Set<String> reached = files(data);
        Path orphan = Path.of(neverCommitted().location());
        Path foreign = orphan.resolveSibling("left-by-a-tool.tmp");
        Files.writeString(foreign, "x");
        age(data, Duration.ofDays(2));
        Path young = Path.of(neverCommitted().location());

        Orphans.Report planned = run(DAY, true);
        assertThat(planned.orphans()).isEqualTo(2);
        assertThat(planned.named().getFirst().ageSeconds()).isBetween(172_700L, 173_000L);
        assertThat(orphan).exists();

        Orphans.Report done = run(DAY, false);
        assertThat(done).isEqualTo(planned);
        assertThat(orphan).doesNotExist();
        assertThat(foreign).doesNotExist();
        assertThat(young).as("may wait for its commit").exists();
        reached.add(young.toString());
        assertThat(files(data)).as("current.metadata.json among them").isEqualTo(reached);
        assertThat(TestTables.read(table)).hasSize(2);
        assertWhole(table);
    }

    @Test
    void noFileOfTheLastHourGoesWhateverIsAsked() throws Exception {
        Path orphan = Path.of(neverCommitted().location());
        Files.setLastModifiedTime(
                orphan, FileTime.from(Instant.now().minus(Duration.ofMinutes(50))));
        assertThat(run(Duration.ZERO, false).orphans()).isZero();
        assertThat(orphan).exists();
    }

    @Test
    void whatALostRaceLeftGoes() throws Exception {
        var lost = table.newFastAppend().appendFile(neverCommitted());
        lost.apply(); // writes a manifest and a list; nothing is committed
        int before = files(data).size();
        age(data, Duration.ofDays(2));
        assertThat(run(DAY, false).orphans()).isEqualTo(3);
        assertThat(files(data)).hasSize(before - 3);
        assertWhole(table);
    }

    @Test
    void aStorageThatListsOtherNamesIsRefused() {
        String location = table.location();
        var elsewhere = new LocationSet();
        elsewhere.add("file://" + location + "/a");
        assertThat(elsewhere.contains(location + "/a")).isTrue();
        elsewhere.add("s3a://bucket/a");
        assertThat(elsewhere.contains("s3://bucket/a")).isTrue();
        assertThat(elsewhere.contains("s3://bucket/b")).isFalse();
        try (var other = new RenamedCatalog()) {
            assertThatThrownBy(() ->
                            new Orphans(other.catalog, metrics())
                                    .run(LakePaths.POINTS, DAY, false, LakePace.unlimited()))
                    .isInstanceOf(WorldException.class)
                    .hasMessageContaining("nothing was removed");
        }
        assertThat(TestTables.read(table)).hasSize(2);
    }

    /// The lake by a catalog whose storage lists nothing of what was there before.
    private final class RenamedCatalog implements AutoCloseable {
        final LakeCatalog catalog;

        RenamedCatalog() {
            var jdbc =
                    new org.apache.iceberg.jdbc.JdbcCatalog(
                            properties -> new Amnesiac(), null, true);
            jdbc.initialize(
                    LakePaths.CATALOG_NAME,
                    java.util.Map.of(
                            "uri",
                            "jdbc:sqlite:" + LakePaths.catalog(data),
                            "warehouse",
                            LakePaths.warehouse(data).toString(),
                            "jdbc.schema-version",
                            "V1"));
            catalog = LakeCatalog.of(jdbc);
        }

        @Override
        public void close() {
            catalog.close();
        }
    }

    private static final class Amnesiac implements org.apache.iceberg.io.SupportsPrefixOperations {
        private static final long serialVersionUID = 1;
        private final transient LakeFiles files = new LakeFiles(new NioDisk());

        @Override
        public org.apache.iceberg.io.InputFile newInputFile(String path) {
            return files.newInputFile(path);
        }

        @Override
        public org.apache.iceberg.io.OutputFile newOutputFile(String path) {
            return files.newOutputFile(path);
        }

        @Override
        public void deleteFile(String path) {
            files.deleteFile(path);
        }

        @Override
        public Iterable<org.apache.iceberg.io.FileInfo> listPrefix(String prefix) {
            var only = new java.util.ArrayList<org.apache.iceberg.io.FileInfo>();
            files.listPrefix(prefix)
                    .forEach(file -> {
                        if (file.location().endsWith(".probe")
                                || file.location().endsWith(".parquet")) {
                            only.add(file);
                        }
                    });
            return only;
        }

        @Override
        public void deletePrefix(String prefix) {
            throw new UnsupportedOperationException();
        }
    }
}
