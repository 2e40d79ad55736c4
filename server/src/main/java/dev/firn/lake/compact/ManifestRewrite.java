package dev.firn.lake.compact;

import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeJob;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakeSwap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the number of manifests small, and each within one week of points, so that planning a
/// one-hour read opens the manifests of its week and no others. A commit adds a manifest; this job
/// gathers those of a week once they are several. Works on the table's metadata alone.
public final class ManifestRewrite implements LakeJob {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestRewrite.class);
    private static final int DAYS = 7;

    /// A commit that touches several weeks.
    private static final int MIXED = Integer.MIN_VALUE;

    private final LakeCatalog catalog;
    private final Duration every;
    private final int manifestsMin;

    /// @param manifestsMin a table's manifests stay until so many can be gathered
    public ManifestRewrite(LakeCatalog catalog, Duration every, int manifestsMin) {
        this.catalog = catalog;
        this.every = every;
        this.manifestsMin = manifestsMin;
    }

    @Override
    public String name() {
        return "manifests";
    }

    @Override
    public Duration every() {
        return every;
    }

    @Override
    public void run(LakePace pace) throws InterruptedException {
        for (String name : Compaction.TABLES) {
            pace.step(0);
            Table table = catalog.load(name);
            if (LakeSwap.once(table, this::next)) {
                catalog.refreshCurrentMetadata(table);
                LOG.debug("manifests of table {} were rewritten", name);
            }
        }
    }

    private @Nullable TableMetadata next(Table table, TableMetadata base) {
        Snapshot now = base.currentSnapshot();
        if (now == null) {
            return null;
        }
        Set<String> gathered = gathered(now.dataManifests(table.io()), table);
        if (gathered.size() < manifestsMin) {
            return null;
        }
        Snapshot next =
                table.rewriteManifests()
                        .clusterBy(file -> week(table, file))
                        .rewriteIf(manifest -> gathered.contains(manifest.path()))
                        .apply();
        return TableMetadata.buildFrom(base)
                .setBranchSnapshot(next, SnapshotRef.MAIN_BRANCH)
                .build();
    }

    /// Manifests over several weeks, and those of weeks that have more than two: a week's own large
    /// one is rewritten along with the small ones only when these are many.
    private Set<String> gathered(List<ManifestFile> manifests, Table table) {
        Map<Integer, Set<String>> byWeek = new HashMap<>();
        for (ManifestFile manifest : manifests) {
            if (manifest.partitionSpecId() == table.spec().specId()) {
                byWeek.computeIfAbsent(week(table, manifest), week -> new HashSet<>())
                        .add(manifest.path());
            }
        }
        var gathered = new HashSet<String>();
        int weekMin = Math.max(2, manifestsMin / 4);
        byWeek.forEach((week, paths) -> {
            if (week == MIXED || paths.size() >= weekMin) {
                gathered.addAll(paths);
            }
        });
        return gathered;
    }

    private static Object week(Table table, DataFile file) {
        return table.spec().isUnpartitioned()
                ? 0
                : Math.floorDiv(file.partition().get(0, Integer.class), DAYS);
    }

    private static int week(Table table, ManifestFile manifest) {
        if (table.spec().isUnpartitioned()) {
            return 0;
        }
        OptionalInt from = day(manifest, true);
        OptionalInt to = day(manifest, false);
        if (from.isEmpty() || to.isEmpty()) {
            return MIXED;
        }
        int week = Math.floorDiv(from.getAsInt(), DAYS);
        return week == Math.floorDiv(to.getAsInt(), DAYS) ? week : MIXED;
    }

    private static OptionalInt day(ManifestFile manifest, boolean lower) {
        List<ManifestFile.PartitionFieldSummary> fields = manifest.partitions();
        if (fields == null || fields.isEmpty()) {
            return OptionalInt.empty();
        }
        ByteBuffer bound = lower ? fields.getFirst().lowerBound() : fields.getFirst().upperBound();
        return bound == null
                ? OptionalInt.empty()
                : OptionalInt.of(
                        bound.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(bound.position()));
    }
}
