package dev.firn.ops.report;

import java.util.List;
import java.util.Optional;

/// What a report says, before it has a form.
///
/// @param name for programs
/// @param at when it was asked, ISO 8601
public record Report(String name, String title, String at, List<Part> parts) {
    public Report {
        parts = List.copyOf(parts);
    }

    /// One question and its answer.
    ///
    /// @param none what to say where there are no rows
    public record Part(String title, String none, Table table, Optional<Chart> chart) {}

    /// How a page draws a part.
    ///
    /// @param lines along `x`; else bars, one of each row
    /// @param values columns; bars show the first
    public record Chart(boolean lines, String x, List<String> values) {
        public Chart {
            values = List.copyOf(values);
        }
    }
}
