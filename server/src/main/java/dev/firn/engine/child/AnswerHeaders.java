package dev.firn.engine.child;

import dev.firn.engine.child.Chdb.Statistics;
import java.util.Collection;
import java.util.stream.Collectors;

/// Headers of an answer, as ClickHouse's clients know them.
final class AnswerHeaders {
    private AnswerHeaders() {}

    /// What a client should know about settings of the cache that did not do what they say.
    static void warn(Http.Response response, Collection<String> settings, boolean lasting) {
        String text =
                settings.stream()
                        .map(name -> CacheWish.warning(name, lasting))
                        .filter(warning -> !warning.isEmpty())
                        .collect(Collectors.joining(". "));
        if (!text.isEmpty()) {
            response.header("Warning", "299 firn \"" + text + "\""); // RFC 7234, section 5.5
        }
    }

    static void summary(Http.Response response, Statistics statistics) {
        response.header(
                "X-ClickHouse-Summary",
                "{\"read_rows\":\"%d\",\"read_bytes\":\"%d\",\"written_rows\":\"%d\",\"written_bytes\":\"%d\",\"total_rows_to_read\":\"0\",\"result_rows\":\"%d\",\"result_bytes\":\"%d\",\"elapsed_ns\":\"%d\"}"
                        .formatted(
                                statistics.readRows(),
                                statistics.readBytes(),
                                statistics.writtenRows(),
                                statistics.writtenBytes(),
                                statistics.resultRows(),
                                statistics.resultBytes(),
                                statistics.elapsedNanos()));
    }

    static String contentType(String format) {
        if (format.startsWith("JSONEachRow") || format.equals("NDJSON")) {
            return "application/x-ndjson; charset=UTF-8";
        }
        if (format.startsWith("JSON")) {
            return "application/json; charset=UTF-8";
        }
        if (format.startsWith("CSV")) {
            return "text/csv; charset=UTF-8; header="
                    + (format.contains("WithNames") ? "present" : "absent");
        }
        if (format.startsWith("TSV") || format.startsWith("TabSeparated")) {
            return "text/tab-separated-values; charset=UTF-8";
        }
        return switch (format) {
            case "XML" -> "application/xml; charset=UTF-8";
            case "Markdown" -> "text/markdown; charset=UTF-8";
            case "Native",
                    "RowBinary",
                    "RowBinaryWithNames",
                    "RowBinaryWithNamesAndTypes",
                    "Parquet",
                    "Arrow",
                    "ArrowStream",
                    "ORC",
                    "Avro" ->
                    "application/octet-stream";
            default -> "text/plain; charset=UTF-8";
        };
    }
}
