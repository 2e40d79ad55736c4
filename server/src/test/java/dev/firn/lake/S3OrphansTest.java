package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.OwnMetrics;
import dev.firn.lake.keep.KeepMetrics;
import dev.firn.lake.keep.Orphans;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Orphan removal where ages are by the S3's clock.
@Timeout(180)
final class S3OrphansTest {
    @TempDir Path data;

    private final OwnMetrics own = new OwnMetrics();

    @ParameterizedTest
    @EnumSource(S3Home.Kind.class)
    void onlyWhatIsOldAndUnreachedGoes(S3Home.Kind kind) throws Exception {
        try (var home = new S3Home(kind, data);
                LakeCatalog catalog = home.catalog()) {
            catalog.createTables(TestTables.both());
            var writer = new TestWriter("w", 1);
            writer.append(catalog, 1);
            writer.append(catalog, 2);
            Table table = catalog.load(LakePaths.POINTS);
            catalog.refreshCurrentMetadata(table);
            Set<String> expected = listed(table);
            var lost = table.newFastAppend().appendFile(neverCommitted(table));
            lost.apply(); // writes a manifest and a list; nothing is committed
            S3Process.age(home.warehouse, Duration.ofDays(2));
            String young = neverCommitted(table).location();
            expected.add(young);
            Set<String> all = listed(table);
            assertThat(all).hasSize(expected.size() + 3);

            var orphans = new Orphans(catalog, new KeepMetrics(own));
            assertThat(run(orphans, Duration.ofDays(3), false).orphans()).isZero();
            Orphans.Report planned = run(orphans, Duration.ofDays(1), true);
            assertThat(planned.orphans()).isEqualTo(3);
            assertThat(planned.named())
                    .noneMatch(orphan -> expected.contains(orphan.location()))
                    .allSatisfy(orphan ->
                            assertThat(orphan.ageSeconds()).isBetween(172_800L, 173_000L));
            assertThat(listed(table)).as("a dry run").isEqualTo(all);
            assertThat(page()).contains(removed(0));

            Orphans.Report done = run(orphans, Duration.ofDays(1), false);
            assertThat(done.orphans()).isEqualTo(3);
            assertThat(listed(table)).isEqualTo(expected);
            assertThat(page()).contains(removed(3));
            assertThat(TestTables.read(table)).hasSize(2);
            assertThat(run(orphans, Duration.ofDays(1), false).orphans()).isZero();

            table.newFastAppend() // the young one waited for this
                    .appendFile(
                            org.apache.iceberg.DataFiles.builder(table.spec())
                                    .withPath(young)
                                    .withFormat(org.apache.iceberg.FileFormat.PARQUET)
                                    .withFileSizeInBytes(table.io().newInputFile(young).getLength())
                                    .withRecordCount(1)
                                    .build())
                    .commit();
            assertThat(TestTables.read(table)).hasSize(3);
        }
    }

    private static Orphans.Report run(Orphans orphans, Duration age, boolean dry)
            throws InterruptedException {
        return orphans.run(LakePaths.POINTS, age, dry, LakePace.unlimited());
    }

    private static org.apache.iceberg.DataFile neverCommitted(Table table) {
        return TestTables.write(table, List.of(new TestTables.Row("w", 9, 9)));
    }

    private static Set<String> listed(Table table) {
        var locations = new TreeSet<String>();
        ((SupportsPrefixOperations) table.io())
                .listPrefix(table.location() + "/")
                .forEach(file -> locations.add(file.location()));
        return locations;
    }

    private static String removed(int count) {
        return "firn_lake_files_deleted_total{reason=\"orphan\",table=\"points\"} " + count + ".0";
    }

    private String page() {
        return new String(own.page(), StandardCharsets.UTF_8);
    }
}
