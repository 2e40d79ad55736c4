package dev.firn.cli;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// Prints lists of records as tab-separated lines, names first.
final class Tsv {
    private Tsv() {}

    /// @param names printed even when there is no row
    static void print(JsonNode rows, String... names) {
        System.out.println(String.join("\t", names));
        for (JsonNode row : rows) {
            System.out.println(cells(row, names));
        }
    }

    /// The fields of one record; a cell is empty where it has none of that name.
    static String cells(JsonNode row, String... names) {
        return Arrays.stream(names)
                .map(name -> text(row.path(name)))
                .collect(Collectors.joining("\t"));
    }

    static String text(JsonNode value) {
        if (value.isArray()) {
            return StreamSupport.stream(value.spliterator(), false)
                    .map(Tsv::text)
                    .collect(Collectors.joining(","));
        }
        if (value.isObject()) {
            return value.properties().stream()
                    .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
                    .collect(Collectors.joining(","));
        }
        return value.asString("").replace('\t', ' ').replace('\n', ' ');
    }
}
