package dev.firn.analyse.slo;

import dev.firn.config.Quantity;
import dev.firn.config.Section;
import dev.firn.config.YamlDocuments;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// The tables of burn-rate alerts, `slo-windows/*.yaml` of the program.
public final class WindowTables {
    private static final long MINUTE = 60_000_000_000L;
    private static final List<String> FILES = List.of("30d", "7d");
    private static final Map<Long, AlertWindows> BY_PERIOD = load();

    private WindowTables() {}

    /// The table for objectives over so many minutes; that of 30 days if there is no other.
    public static AlertWindows of(long periodMinutes) {
        return Objects.requireNonNull(
                BY_PERIOD.getOrDefault(periodMinutes, BY_PERIOD.get(30 * 1440L)));
    }

    private static Map<Long, AlertWindows> load() {
        var tables = new LinkedHashMap<Long, AlertWindows>();
        for (String name : FILES) {
            String file = "/slo-windows/" + name + ".yaml";
            try (InputStream in = WindowTables.class.getResourceAsStream(file)) {
                String text =
                        new String(
                                Objects.requireNonNull(in, file).readAllBytes(),
                                StandardCharsets.UTF_8);
                read(name, text, tables);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return tables;
    }

    private static void read(String name, String text, Map<Long, AlertWindows> tables) {
        var problems = new ArrayList<String>();
        Section table = YamlDocuments.read(name, text, problems).getFirst();
        var pairs = new ArrayList<AlertWindows.Pair>();
        List<String> periods = table.texts("periods");
        for (Section pair : table.sections("pairs")) {
            pairs.add(
                    new AlertWindows.Pair(
                            AlertWindows.Severity.valueOf(
                                    pair.word("severity", "", "page", "ticket")
                                            .toUpperCase(Locale.ROOT)),
                            pair.number("budgetPercent", 0, 0, 100),
                            Math.toIntExact(minutes(pair.text("short", ""))),
                            Math.toIntExact(minutes(pair.text("long", "")))));
            pair.close();
        }
        table.close();
        if (!problems.isEmpty()) {
            throw new IllegalStateException(String.join("\n", problems));
        }
        for (String period : periods) {
            tables.put(minutes(period), new AlertWindows(name, minutes(period), pairs));
        }
    }

    private static long minutes(String text) {
        return Quantity.nanos(text) / MINUTE;
    }
}
