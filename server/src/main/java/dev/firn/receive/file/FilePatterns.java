package dev.firn.receive.file;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The files that globs name: `*` stays within a directory, `**` does not.
final class FilePatterns {
    private record Pattern(Path base, int depth, PathMatcher matcher) {}

    private static final String WILD = "*?[{";

    private final List<Pattern> include;
    private final List<PathMatcher> exclude;

    FilePatterns(List<String> include, List<String> exclude) {
        this.include = include.stream().map(FilePatterns::pattern).toList();
        this.exclude =
                exclude.stream().map(FilePatterns::absolute).map(FilePatterns::glob).toList();
    }

    private static Pattern pattern(String text) {
        String absolute = absolute(text);
        int wild = absolute.length();
        for (int i = 0; i < absolute.length() && wild == absolute.length(); i++) {
            if (WILD.indexOf(absolute.charAt(i)) >= 0) {
                wild = i;
            }
        }
        if (wild == absolute.length()) {
            return new Pattern(Path.of(absolute), 0, path -> true);
        }
        int slash = absolute.lastIndexOf('/', wild);
        String rest = absolute.substring(slash + 1);
        int depth =
                rest.contains("**")
                        ? Integer.MAX_VALUE
                        : 1 + (int) rest.chars().filter(c -> c == '/').count();
        return new Pattern(
                Path.of(slash == 0 ? "/" : absolute.substring(0, slash)), depth, glob(absolute));
    }

    private static String absolute(String text) {
        String plain = text.startsWith("./") ? text.substring(2) : text;
        return plain.startsWith("/") ? plain : Path.of("").toAbsolutePath() + "/" + plain;
    }

    private static PathMatcher glob(String absolute) {
        return FileSystems.getDefault().getPathMatcher("glob:" + absolute);
    }

    /// All that are there now.
    Set<Path> files() throws IOException {
        var found = new LinkedHashSet<Path>();
        for (Pattern one : include) {
            if (one.depth == 0) {
                if (Files.isRegularFile(one.base)) {
                    found.add(one.base);
                }
            } else if (Files.isDirectory(one.base)) {
                found.addAll(walk(one));
            }
        }
        found.removeIf(path -> exclude.stream().anyMatch(one -> one.matches(path)));
        return found;
    }

    private static List<Path> walk(Pattern pattern) throws IOException {
        var found = new ArrayList<Path>();
        Files.walkFileTree(
                pattern.base,
                EnumSet.of(FileVisitOption.FOLLOW_LINKS),
                pattern.depth,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (attributes.isRegularFile() && pattern.matcher.matches(file)) {
                            found.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        return FileVisitResult.CONTINUE; // gone in between, or not ours to read
                    }
                });
        return found;
    }
}
