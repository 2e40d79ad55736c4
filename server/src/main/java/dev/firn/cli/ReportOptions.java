package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import dev.firn.config.ReportConfig.Form;
import dev.firn.config.ReportConfig.Kind;
import dev.firn.ops.report.Report;
import dev.firn.ops.report.ReportText;
import dev.firn.ops.report.Reports;
import dev.firn.ops.report.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the reports have in common: of whom, in which form, where to.
final class ReportOptions {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String FORMAT = "JSONCompactEachRowWithNamesAndTypes";

    @Mixin private final InstanceOption instance = new InstanceOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description =
                    "text (default), markdown, html (with charts, needs nothing else) or json.")
    private Form form = Form.TEXT;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Where it goes (default: standard output).")
    private @Nullable Path output;

    /// @param day that it is about; null: as the report has it
    int print(Kind kind, @Nullable String day) throws InterruptedException {
        Instant now = Instant.now();
        LocalDate of = day == null ? Reports.day(kind, now) : day(day);
        Asked.of(instance, config, asked -> write(make(kind, of, now, asked), form, output));
        return 0;
    }

    private static LocalDate day(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeException e) {
            throw new InputException("\"" + text + "\" is no day such as 2026-11-30");
        }
    }

    static Report make(Kind kind, LocalDate day, Instant now, Asked asked) {
        try {
            return Reports.make(kind, day, now, (name, sql) -> table(asked, sql));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldException("interrupted while asking", e);
        }
    }

    private static Table table(Asked asked, String sql) {
        var lines = new ArrayList<List<@Nullable String>>();
        asked.lines(
                sql,
                FORMAT,
                line -> {
                    var cells = new ArrayList<@Nullable String>();
                    for (JsonNode cell : MAPPER.readTree(line)) {
                        cells.add(cell.isNull() ? null : cell.asString());
                    }
                    lines.add(cells);
                });
        return lines.isEmpty()
                ? Table.NONE
                : Table.of(
                        texts(lines.get(0)), texts(lines.get(1)), lines.subList(2, lines.size()));
    }

    private static List<String> texts(List<@Nullable String> cells) {
        return cells.stream().map(String::valueOf).toList();
    }

    static void write(Report report, Form form, @Nullable Path output) {
        String text = ReportText.of(report, form);
        try {
            if (output == null) {
                System.out.print(text);
            } else {
                Files.writeString(output, text);
            }
        } catch (IOException e) {
            throw new WorldException("cannot write the report: " + Reason.of(e), e);
        }
    }
}
