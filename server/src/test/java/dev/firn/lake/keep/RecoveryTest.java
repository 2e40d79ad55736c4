package dev.firn.lake.keep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.lake.ForeignPosition;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import dev.firn.lake.TestTables;
import dev.firn.lake.TestWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
    private static final String ASIDE = ".replaced-1";

    @TempDir Path data;

    private final TestWriter writer = new TestWriter("w", 1);

    @BeforeEach
    void write() {
        try (LakeCatalog catalog = open()) {
            catalog.createTables(TestTables.both());
            append(catalog, 1);
            append(catalog, 2);
        }
    }

    private LakeCatalog open() {
        return LakeCatalog.sqlite(data, new NioDisk());
    }

    /// As the sink does it: the copy follows each commit.
    private void append(LakeCatalog catalog, long id) {
        writer.append(catalog, id);
        catalog.refreshCurrentMetadata(catalog.load(LakePaths.POINTS));
    }

    private Recovery recovery() {
        return new Recovery(data, new NioDisk());
    }

    private void assertGoesOn(int rows) {
        try (LakeCatalog catalog = open()) {
            assertThat(TestTables.read(catalog.load(LakePaths.POINTS))).hasSize(rows);
            assertThat(writer.repeatIsRecognised(catalog)).isTrue();
            append(catalog, 99);
            assertThat(TestTables.read(catalog.load(LakePaths.POINTS))).hasSize(rows + 1);
        }
    }

    @Test
    void aLostCatalogIsRebuiltFromTheNewestMetadata() throws Exception {
        Files.delete(LakePaths.catalog(data));
        assertThat(recovery().damage()).contains("there is no");
        recovery().rebuild(recovery().look(), ASIDE);
        assertThat(recovery().damage()).isEmpty();
        assertGoesOn(2);
    }

    @Test
    void aDamagedCatalogIsMovedAsideAndRebuilt() throws Exception {
        byte[] bytes = Files.readAllBytes(LakePaths.catalog(data));
        java.util.Arrays.fill(bytes, 0, bytes.length, (byte) 0x55);
        Files.write(LakePaths.catalog(data), bytes);
        assertThat(recovery().damage()).isNotEmpty();
        recovery().rebuild(recovery().look(), ASIDE);
        assertThat(LakePaths.lake(data).resolve(LakePaths.CATALOG + ASIDE)).exists();
        assertGoesOn(2);
    }

    @Test
    void aSoundCatalogIsCalledSound() {
        assertThat(recovery().damage()).isEmpty();
        assertThat(recovery().look())
                .allSatisfy(found -> assertThat(found.catalog()).isEqualTo(found.version()))
                .filteredOn(found -> found.table().equals(LakePaths.POINTS))
                .singleElement()
                .satisfies(found -> assertThat(found.positions()).containsOnlyKeys("w"));
    }

    /// A lost race leaves metadata of the version that another writer's commit took.
    @Test
    void ofTwoFilesOfOneVersionTheCommittedOneIsTaken() throws Exception {
        Recovery.Found points =
                recovery().look().stream()
                        .filter(found -> found.table().equals(LakePaths.POINTS))
                        .findFirst()
                        .orElseThrow();
        Path committed = Path.of(points.metadata());
        String number = committed.getFileName().toString().substring(0, 5);
        for (String name : new String[] {"-00000000-lost", "-zzzzzzzz-lost"}) {
            Files.writeString(
                    committed.resolveSibling(number + name + ".metadata.json"),
                    Files.readString(committed).replace("\"w\"", "\"lost\"") + " ");
        }
        Files.delete(LakePaths.catalog(data));
        recovery().rebuild(recovery().look(), ASIDE);
        assertThat(recovery().look())
                .extracting(Recovery.Found::metadata)
                .contains(points.metadata());
        assertGoesOn(2);
    }

    @Test
    void aBackupOfOneMomentIsMadeWhileWritersCommit() throws Exception {
        Path backup = data.resolve("backup.db");
        try (LakeCatalog catalog = open();
                var thread = Executors.newSingleThreadExecutor()) {
            Future<?> appending =
                    thread.submit(() -> {
                        for (long id = 3; id <= 12; id++) {
                            append(catalog, id);
                        }
                    });
            for (int i = 0; i < 5; i++) {
                Files.deleteIfExists(backup);
                CatalogFile.backUp(data, backup, new NioDisk());
                assertThat(CatalogFile.read(backup)).hasSize(2);
            }
            appending.get();
            Files.delete(backup);
            CatalogFile.backUp(data, backup, new NioDisk());
        }
        assertThatThrownBy(() -> CatalogFile.backUp(data, backup, new NioDisk()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it exists");
        Files.delete(LakePaths.catalog(data));
        recovery().restore(backup, false, ASIDE);
        assertGoesOn(12);
    }

    @Test
    void anOlderBackupIsRefusedAndForcedItMakesWritersStopUntilRecovery() throws Exception {
        Path backup = data.resolve("backup.db");
        CatalogFile.backUp(data, backup, new NioDisk());
        try (LakeCatalog catalog = open()) {
            append(catalog, 3);
        }
        assertThatThrownBy(() -> recovery().restore(backup, false, ASIDE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("firn lake recover takes the newest")
                .hasMessageContaining("w=");
        assertGoesOn(3);

        recovery().restore(backup, true, ASIDE);
        assertThat(recovery().damage()).contains("of table points, the newest is");
        try (LakeCatalog catalog = open()) {
            assertThatThrownBy(() -> writer.repeatIsRecognised(catalog))
                    .isInstanceOf(ForeignPosition.class)
                    .hasMessageContaining("firn lake recover");
            assertThat(TestTables.read(catalog.load(LakePaths.POINTS))).hasSize(2);
        }
        recovery().rebuild(recovery().look(), ".replaced-2");
        assertGoesOn(4);
    }
}
