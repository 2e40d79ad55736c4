package dev.firn.analyse.slo;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// Files of definitions, by the names in `slo.definitions`.
public final class SloFiles {
    /// The file that Firn ships; read where none is named.
    public static final String SHIPPED = "/slo/http.yaml";

    /// A file of definitions is small; something else was named by mistake.
    private static final long FILE_MAX = 4 << 20;

    private static final int FILES_MAX = 1_000;

    private SloFiles() {}

    /// The texts by name of the file.
    ///
    /// @param names files; the last part may have `*`; none for the shipped ones
    /// @throws InputException if one cannot be read
    public static Map<String, String> texts(List<String> names) {
        var texts = new LinkedHashMap<String, String>();
        if (names.isEmpty()) {
            texts.put("slo" + SHIPPED.substring(SHIPPED.lastIndexOf('/')), shipped());
        }
        for (String name : names) {
            for (Path file : files(name)) {
                texts.put(file.toString(), text(file));
            }
        }
        return texts;
    }

    private static String shipped() {
        try (InputStream in = SloFiles.class.getResourceAsStream(SHIPPED)) {
            return new String(
                    Objects.requireNonNull(in, SHIPPED).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(String name) {
        Path path = Path.of(name);
        String last = Objects.requireNonNull(path.getFileName(), name).toString();
        if (!last.contains("*")) {
            return List.of(path);
        }
        Path folder = Objects.requireNonNullElse(path.getParent(), Path.of("."));
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + last);
        var found = new ArrayList<Path>();
        try (Stream<Path> all = Files.list(folder)) {
            all.filter(one -> matcher.matches(one.getFileName())).sorted().forEach(found::add);
        } catch (NoSuchFileException e) {
            throw new InputException(
                    "slo.definitions: cannot read \"" + name + "\": there is no such folder");
        } catch (IOException e) {
            throw new InputException(
                    "slo.definitions: cannot read \"" + name + "\": " + Reason.of(e));
        }
        if (found.isEmpty() || found.size() > FILES_MAX) {
            throw new InputException(
                    "slo.definitions: \""
                            + name
                            + "\" names "
                            + (found.isEmpty() ? "no file" : "more than " + FILES_MAX + " files"));
        }
        return found;
    }

    /// One file's text.
    ///
    /// @throws InputException if it cannot be read
    public static String text(Path file) {
        try {
            if (Files.size(file) > FILE_MAX) {
                throw new InputException(
                        "cannot read \"" + file + "\": it is larger than " + FILE_MAX + " bytes");
            }
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new InputException("cannot read \"" + file + "\": there is no such file");
        } catch (IOException e) {
            throw new InputException("cannot read \"" + file + "\": " + Reason.of(e));
        }
    }
}
