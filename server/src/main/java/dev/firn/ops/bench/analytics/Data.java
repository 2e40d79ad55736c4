package dev.firn.ops.bench.analytics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.base.InputException;
import dev.firn.ops.bench.analytics.NabFile.NabWindow;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/// Reads the public data sets of a folder: `nab/`, `kpi/AIOPS/`, `kpi/WSD/`, `m4/`.
final class Data {
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder()
                    .appendPattern("yyyy-MM-dd HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .toFormatter();

    private final Path folder;

    Data(Path folder) {
        this.folder = folder;
        if (!Files.isDirectory(folder)) {
            throw new InputException(
                    "cannot read data sets from \""
                            + folder
                            + "\": it is no folder; see docs/reference/analytics.md");
        }
    }

    /// A labelled series: its train half, then its test half.
    ///
    /// @param trained how many points belong to the train half
    record Kpi(String name, long[] times, double[] values, boolean[] labels, int trained) {}

    /// An hourly series of M4: what is known, and the 48 hours to forecast.
    record Hourly(String name, double[] train, double[] test) {}

    List<NabFile> nab() {
        Path windows = folder.resolve("nab/combined_windows.json");
        if (!Files.exists(windows)) {
            return List.of();
        }
        try {
            List<NabFile> files = new ArrayList<>();
            JsonNode all = new ObjectMapper().readTree(Files.readString(windows));
            for (Map.Entry<String, JsonNode> entry : all.properties()) {
                Path file = folder.resolve("nab/data").resolve(entry.getKey());
                if (Files.exists(file)) {
                    files.add(nab(entry.getKey(), file, entry.getValue()));
                }
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NabFile nab(String name, Path path, JsonNode labelled) {
        List<String[]> rows = rows(path, true);
        List<NabWindow> windows = new ArrayList<>();
        for (JsonNode window : labelled) {
            windows.add(
                    new NabWindow(millis(window.get(0).asText()), millis(window.get(1).asText())));
        }
        return new NabFile(
                name,
                rows.stream().mapToLong(row -> millis(row[0])).toArray(),
                rows.stream().mapToDouble(row -> Double.parseDouble(row[1])).toArray(),
                windows);
    }

    /// Series of `kpi/<set>`, by name.
    List<Kpi> kpi(String set) {
        List<Kpi> all = new ArrayList<>();
        for (Path train : list(folder.resolve("kpi").resolve(set), "-train.csv.gz")) {
            String name = train.getFileName().toString().replace("-train.csv.gz", "");
            List<String[]> rows = rows(train, true);
            int trained = rows.size();
            rows.addAll(rows(train.resolveSibling(name + "-test.csv.gz"), true));
            boolean[] labels = new boolean[rows.size()];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = Double.parseDouble(rows.get(i)[2]) != 0;
            }
            all.add(
                    new Kpi(
                            name,
                            rows.stream()
                                    .mapToLong(row -> 1_000 * Long.parseLong(row[0]))
                                    .toArray(),
                            rows.stream().mapToDouble(row -> Double.parseDouble(row[1])).toArray(),
                            labels,
                            trained));
        }
        return all;
    }

    List<Hourly> m4() {
        Path train = folder.resolve("m4/Hourly-train.csv.gz");
        if (!Files.exists(train)) {
            return List.of();
        }
        Map<String, double[]> tests = new LinkedHashMap<>();
        rows(folder.resolve("m4/Hourly-test.csv.gz"), false)
                .forEach(row -> tests.put(row[0], numbers(row)));
        List<Hourly> all = new ArrayList<>();
        for (String[] row : rows(train, false)) {
            double[] test = tests.get(row[0]);
            if (test != null && test.length > 0) {
                all.add(new Hourly(row[0], numbers(row), test));
            }
        }
        return all;
    }

    /// The row's numbers after its name; a header and empty cells at the end give none.
    private static double[] numbers(String[] row) {
        return Arrays.stream(row)
                .skip(1)
                .filter(cell -> !cell.isEmpty() && !cell.startsWith("V"))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static List<Path> list(Path folder, String end) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long millis(String time) {
        return LocalDateTime.parse(time, TIME).toInstant(ZoneOffset.UTC).toEpochMilli();
    }

    private static List<String[]> rows(Path path, boolean header) {
        try (InputStream raw = Files.newInputStream(path);
                InputStream plain =
                        path.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
            List<String[]> rows = new ArrayList<>();
            lines.lines()
                    .skip(header ? 1 : 0)
                    .map(line -> line.replace("\"", "").split(","))
                    .forEach(rows::add);
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
