package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LakeWritersTest {
    private static final String A = position(1);
    private static final String B = position(2);

    @TempDir Path data;

    private final LakeCommit commit = new LakeCommit(new Backoff(new Random(1), 1, 5), 6);

    private static String position(long sequence) {
        return new dev.firn.model.Position(1, sequence, 7).toString();
    }

    private static List<DataFile> file(Table table, String src, long id) {
        return List.of(TestTables.write(table, List.of(new TestTables.Row(src, id, id))));
    }

    private void write(TestHome home) {
        for (String name : List.of(LakePaths.SERIES, LakePaths.POINTS)) {
            Table table = home.catalog().load(name);
            commit.commit(table, "gone", null, A, file(table, "gone", 1));
            commit.commit(table, "gone-q7", null, A, file(table, "gone", 7));
            commit.commit(table, "here", null, A, file(table, "here", 1));
        }
        Table points = home.catalog().load(LakePaths.POINTS);
        commit.commit(points, "here", A, B, file(points, "here", 2));
    }

    private static LakeWriters writers(LakeCatalog catalog, int attempts) {
        return new LakeWriters(catalog, new Backoff(new Random(2), 1, 5), attempts);
    }

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    void writersAreListedWithBothPositionsAndTheirQuarantinedCuts(TestHome.Kind kind)
            throws Exception {
        try (var home = new TestHome(kind, data)) {
            write(home);
            List<LakeWriters.Writer> all = writers(home.catalog(), 1).list();
            assertThat(all).extracting(LakeWriters.Writer::id).containsExactly("gone", "here");
            assertThat(all).extracting(LakeWriters.Writer::points).containsExactly(A, B);
            assertThat(all).extracting(LakeWriters.Writer::series).containsExactly(A, A);
            assertThat(all).extracting(LakeWriters.Writer::retried).containsExactly(1, 0);
            assertThat(all).allMatch(one -> one.lastCommitMillis() > 0);
        }
    }

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    void aRetiredWriterKeepsItsRowsAndIsStoppedWhenItComesBack(TestHome.Kind kind)
            throws Exception {
        try (var home = new TestHome(kind, data)) {
            write(home);
            writers(home.lying(new Random(3), 0.4), 100).retire("gone", Long.MAX_VALUE);
            home.truth();
            LakeCatalog catalog = home.catalog();
            assertThat(writers(catalog, 1).list())
                    .extracting(LakeWriters.Writer::id)
                    .containsExactly("here");
            Table points = catalog.load(LakePaths.POINTS);
            assertThat(TestTables.read(points)).hasSize(4);
            assertThatThrownBy(() -> commit.commit(points, "gone", A, B, file(points, "gone", 2)))
                    .isInstanceOf(ForeignPosition.class)
                    .hasMessageContaining("stands at position none");
            assertThat(commit.commit(points, "here", B, position(3), file(points, "here", 3)))
                    .isEqualTo(LakeCommit.Outcome.COMMITTED);
        }
    }

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    void aWriterAtWorkOrUnknownIsNotRetired(TestHome.Kind kind) throws Exception {
        try (var home = new TestHome(kind, data)) {
            write(home);
            LakeWriters writers = writers(home.catalog(), 1);
            assertThatThrownBy(() -> writers.retire("here", 0))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("may be at work");
            assertThatThrownBy(() -> writers.retire("nobody", Long.MAX_VALUE))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("knows none of this name");
            assertThat(writers.list()).hasSize(2);
        }
    }
}
