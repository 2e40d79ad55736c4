package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LakeCommitTest {
    private static final String A = position(1, 1);
    private static final String B = position(1, 2);
    private static final String C = position(1, 3);

    @TempDir Path data;

    private final LakeCommit commit = new LakeCommit(new Backoff(new Random(1), 1, 5), 6);

    private static String position(long epoch, long sequence) {
        return new dev.firn.model.Position(epoch, sequence, 7).toString();
    }

    private static List<DataFile> files(Table table, String src, long... ids) {
        return List.of(
                TestTables.write(
                        table,
                        Arrays.stream(ids)
                                .mapToObj(id -> new TestTables.Row(src, id, id))
                                .toList()));
    }

    private static long rows(TestHome home) {
        return TestTables.read(home.catalog().load(LakePaths.POINTS)).size();
    }

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    void replayAndStaleCommitsAreRecognisedAfterExpiry(TestHome.Kind kind) throws Exception {
        try (var home = new TestHome(kind, data)) {
            Table table = home.catalog().load(LakePaths.POINTS);
            assertThat(commit.commit(table, "w", null, A, files(table, "w", 1)))
                    .isEqualTo(LakeCommit.Outcome.COMMITTED);
            assertThat(commit.commit(table, "w", A, B, files(table, "w", 2)))
                    .isEqualTo(LakeCommit.Outcome.COMMITTED);
            Table upkeep = home.catalog().load(LakePaths.POINTS);
            assertThat(TestUpkeep.compact(upkeep)).isTrue();
            assertThat(TestUpkeep.expire(upkeep)).isTrue();
            upkeep.refresh();
            assertThat(upkeep.snapshots()).hasSize(1);
            assertThat(upkeep.currentSnapshot().summary()).doesNotContainKey("firn.position");

            Table later = home.catalog().load(LakePaths.POINTS);
            assertThat(commit.commit(later, "w", A, B, files(later, "w", 2)))
                    .isEqualTo(LakeCommit.Outcome.ALREADY);
            assertThatThrownBy(() -> commit.commit(table, "w", null, A, files(table, "w", 1)))
                    .isInstanceOf(ForeignPosition.class)
                    .hasMessageContaining("stands at position \"" + B)
                    .hasMessageContaining("none or \"" + A);
            assertThat(rows(home)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    void anotherWritersPositionIsKept(TestHome.Kind kind) throws Exception {
        try (var home = new TestHome(kind, data)) {
            Table one = home.catalog().load(LakePaths.POINTS);
            Table other = home.catalog().load(LakePaths.POINTS);
            commit.commit(one, "one", null, A, files(one, "one", 1));
            commit.commit(other, "other", null, A, files(other, "other", 1));
            commit.commit(one, "one", A, B, files(one, "one", 2));
            commit.commit(other, "other", A, C, List.of());
            Table fresh = home.catalog().load(LakePaths.POINTS);
            assertThat(LakeLs.positions(fresh)).isEqualTo(Map.of("one", B, "other", C));
            assertThat(rows(home)).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    void theSameSequenceOfAnotherEpochIsForeign(TestHome.Kind kind) throws Exception {
        try (var home = new TestHome(kind, data)) {
            Table table = home.catalog().load(LakePaths.POINTS);
            commit.commit(table, "w", null, A, files(table, "w", 1));
            assertThatThrownBy(() ->
                            commit.commit(table, "w", null, position(2, 1), files(table, "w", 1)))
                    .isInstanceOf(ForeignPosition.class);
            assertThatThrownBy(() ->
                            commit.commit(
                                    table,
                                    "w",
                                    position(2, 1),
                                    position(2, 2),
                                    files(table, "w", 2)))
                    .isInstanceOf(ForeignPosition.class)
                    .extracting(e -> ((ForeignPosition) e).stored())
                    .isEqualTo(A);
            assertThat(rows(home)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(FalseAnswers.Lie.class)
    void aFalseAnswerNeitherLosesNorDoubles(FalseAnswers.Lie lie) throws Exception {
        try (var home = new TestHome(TestHome.Kind.SQLITE, data)) {
            Queue<FalseAnswers.Lie> lies = new ArrayDeque<>(List.of(lie, lie, lie));
            var lying =
                    new FalseAnswers(
                            home.iceberg(),
                            () ->
                                    lies.isEmpty()
                                            ? FalseAnswers.Lie.NONE
                                            : java.util.Objects.requireNonNull(lies.poll()));
            // Another writer appends between the deed and the false answer: the case in which
            // Iceberg's own commit() throws away the other's rows and reports success.
            Table other = home.catalog().load(LakePaths.POINTS);
            String[] at = {null, A, B, C, position(1, 4)};
            int[] step = {0};
            lying.meanwhile =
                    () -> {
                        int next = step[0]++;
                        commit.commit(
                                other,
                                "other",
                                at[next],
                                java.util.Objects.requireNonNull(at[next + 1]),
                                files(other, "other", next));
                    };
            Table table = LakeCatalog.of(lying).load(LakePaths.POINTS);
            commit.commit(table, "w", null, A, files(table, "w", 1));
            Table fresh = home.catalog().load(LakePaths.POINTS);
            assertThat(TestTables.counts(fresh).values()).containsOnly(1);
            assertThat(TestTables.read(fresh)).hasSize(1 + step[0]);
            assertThat(LakeLs.positions(fresh)).containsEntry("w", A);
        }
    }

    @Test
    void anUndecidedCommitThrowsAndTheSameCallDecidesItLater() throws Exception {
        try (var home = new TestHome(TestHome.Kind.SQLITE, data)) {
            var lie = new FalseAnswers.Lie[] {FalseAnswers.Lie.NOT_DONE};
            Table table =
                    LakeCatalog.of(new FalseAnswers(home.iceberg(), () -> lie[0]))
                            .load(LakePaths.POINTS);
            List<DataFile> files = files(table, "w", 1);
            assertThatThrownBy(() -> commit.commit(table, "w", null, A, files))
                    .isInstanceOf(org.apache.iceberg.exceptions.CommitStateUnknownException.class);
            assertThat(rows(home)).isZero();
            lie[0] = FalseAnswers.Lie.NONE;
            assertThat(commit.commit(table, "w", null, A, files))
                    .isEqualTo(LakeCommit.Outcome.COMMITTED);
            assertThat(rows(home)).isEqualTo(1);
        }
    }

    @Test
    void tablesOfANewerFirnAreRefused() throws Exception {
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            catalog.createTables(TestTables.both());
            catalog.load(LakePaths.POINTS).updateProperties().set("firn.format", "2").commit();
            assertThatThrownBy(() -> catalog.createTables(TestTables.both()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("its format is 2, this Firn knows 1");
        }
    }

    @Test
    void oldMetadataIsDeletedAndTheTablesAreOfFormatTwo() throws Exception {
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            catalog.createTables(TestTables.both());
            Table table = catalog.load(LakePaths.POINTS);
            assertThat(table.properties())
                    .containsEntry("write.metadata.delete-after-commit.enabled", "true")
                    .containsEntry("firn.format", "1");
            String previous = null;
            for (int i = 1; i <= 25; i++) {
                commit.commit(table, "w", previous, position(1, i), List.of());
                previous = position(1, i);
            }
            Path metadata = LakePaths.local(table.location()).resolve("metadata");
            assertThat(new NioDisk().list(metadata))
                    .filteredOn(path -> path.toString().endsWith(".metadata.json"))
                    .hasSizeLessThanOrEqualTo(22);
            assertThat(
                            ((org.apache.iceberg.BaseTable) table)
                                    .operations()
                                    .current()
                                    .formatVersion())
                    .isEqualTo(2);
        }
    }
}
