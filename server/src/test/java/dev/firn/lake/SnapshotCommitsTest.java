package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Snapshots are made in one way (`docs/decisions/004-iceberg-commit.md`): here the compiled
/// classes are searched for any other.
class SnapshotCommitsTest {
    private static final Path CLASSES = Path.of("target/classes");

    /// Of operations that make no snapshot.
    private static final Set<String> FREE =
            Set.of(
                    "org/apache/iceberg/ExpireSnapshots",
                    "org/apache/iceberg/UpdateSchema",
                    "org/apache/iceberg/UpdateProperties");

    private static final Set<String> SWAPS =
            Set.of("dev/firn/lake/LakeCommit.class", "dev/firn/lake/LakeSwap.class");

    private static final Set<String> WAYS_BACK =
            Set.of(
                    "rollbackTo",
                    "rollbackToTime",
                    "setCurrentSnapshot",
                    "cherrypick",
                    "fastForwardBranch",
                    "replaceBranch",
                    "newTransaction",
                    "commitTransaction");

    @Test
    void nothingButLakeCommitAndLakeSwapCommitsASnapshot() throws IOException {
        var found = new TreeSet<String>();
        var swaps = new TreeSet<String>();
        try (Stream<Path> files = Files.walk(CLASSES.resolve("dev/firn"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = CLASSES.relativize(file).toString();
                for (var entry : ClassFile.of().parse(file).constantPool()) {
                    if (entry instanceof MemberRefEntry member) {
                        look(name, member, found, swaps);
                    }
                }
            }
        }
        assertThat(found).isEmpty();
        assertThat(swaps).isEqualTo(new TreeSet<>(SWAPS)); // the search finds what is there
    }

    private static void look(
            String in, MemberRefEntry member, Set<String> found, Set<String> swaps) {
        String owner = member.owner().asInternalName();
        String name = member.name().stringValue();
        if (!owner.startsWith("org/apache/iceberg/")) {
            return;
        }
        if (owner.equals("org/apache/iceberg/TableOperations") && name.equals("commit")) {
            swaps.add(in);
            if (SWAPS.contains(in)) {
                return;
            }
        }
        if (name.equals("commit") && !FREE.contains(owner) || WAYS_BACK.contains(name)) {
            found.add(in + " calls " + owner + "." + name);
        }
    }
}
