package dev.firn.lake.keep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.lake.Backoff;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import dev.firn.lake.LakeSwap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;

/// What the tests of this room share.
final class KeepFixture {
    static final Clock LATER = new LaterClock(Duration.ofHours(2));

    private KeepFixture() {}

    static KeepMetrics metrics() {
        return new KeepMetrics(new OwnMetrics());
    }

    static Decided decided(int seed) {
        return new Decided(new Backoff(new Random(seed), 1, 50), 200);
    }

    static Expiry expiry(LakeCatalog catalog, Clock clock) {
        return new Expiry(catalog, clock, decided(3), metrics(), step -> {});
    }

    static TableMetadata metadata(Table table) {
        return ((HasTableOperations) table).operations().refresh();
    }

    /// A clock that stands.
    static Clock at(long millis) {
        return new Clock() {
            @Override
            public long nanos() {
                return millis * 1_000_000;
            }

            @Override
            public long ticks() {
                return nanos();
            }
        };
    }

    /// Tags the newest snapshot.
    static void tag(Table table, String name, long maxAgeMillis) {
        LakeSwap.once(
                table,
                (fresh, base) -> {
                    SnapshotRef.Builder tag =
                            SnapshotRef.tagBuilder(base.currentSnapshot().snapshotId());
                    if (maxAgeMillis > 0) {
                        tag.maxRefAgeMs(maxAgeMillis);
                    }
                    return TableMetadata.buildFrom(base).setRef(name, tag.build()).build();
                });
    }

    /// Files below the table's folder, by name.
    static Set<String> files(Path data) {
        Path folder = LakePaths.warehouse(data).resolve("metrics").resolve(LakePaths.POINTS);
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(Path::toString)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Makes every file of the table look as old as this.
    static void age(Path data, Duration age) {
        for (String file : files(data)) {
            try {
                Files.setLastModifiedTime(Path.of(file), FileTime.from(Instant.now().minus(age)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Holds if every file that the newest metadata reaches exists.
    static void assertWhole(Table table) throws InterruptedException {
        TableMetadata newest = metadata(table);
        for (var snapshot : newest.snapshots()) {
            assertThat(Path.of(snapshot.manifestListLocation())).exists();
        }
        for (var manifest : Unreached.manifests(table.io(), newest.snapshots(), bytes -> {})) {
            assertThat(Path.of(manifest.path())).exists();
            Unreached.live(
                    table.io(),
                    newest.specsById(),
                    manifest,
                    file -> assertThat(Path.of(file.location())).exists());
        }
    }
}
