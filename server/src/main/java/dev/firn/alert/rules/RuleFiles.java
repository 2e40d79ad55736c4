package dev.firn.alert.rules;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Files by names in which the last part may have `*`, `?` and `[…]`.
final class RuleFiles {
    private static final long FILE_MAX = 16 << 20;

    private RuleFiles() {}

    /// In order of their names; none where nothing has such a name.
    static List<Path> matching(Path pattern) {
        if (pattern.getFileName() == null) {
            return List.of();
        }
        String last = pattern.getFileName().toString();
        if (!last.matches(".*[*?\\[].*")) {
            return Files.exists(pattern) ? List.of(pattern) : List.of();
        }
        Path folder = Objects.requireNonNullElse(pattern.getParent(), Path.of("."));
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        // braces and a double star mean nothing here
        String glob = last.replaceAll("[{}]", "\\\\$0").replace("**", "*");
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(one -> matcher.matches(one.getFileName())).sorted().toList();
        } catch (IOException e) {
            throw new InputException("cannot list \"" + folder + "\": " + Reason.of(e));
        }
    }

    /// A file's text.
    ///
    /// @throws InputException if it cannot be read
    static String text(Path file) {
        try {
            if (Files.size(file) > FILE_MAX) {
                throw new InputException("cannot read \"" + file + "\": it is too large for rules");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new InputException("cannot read \"" + file + "\": " + Reason.of(e));
        }
    }
}
