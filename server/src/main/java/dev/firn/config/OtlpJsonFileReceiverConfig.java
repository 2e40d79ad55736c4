package dev.firn.config;

import java.util.List;

/// The Collector's `otlpjsonfile` receiver.
///
/// @param include globs of the files to read
/// @param exclude globs of those among them that are left alone
/// @param startAtBeginning whether files that are there at the very first start are read whole, or
///   only what is appended from then on
/// @param pollIntervalNanos how often files are looked at
/// @param fingerprintBytes bytes at a file's begin by which it is known again
/// @param lineBytesMax longer lines are passed over
/// @param filesMax files that are open at a time
public record OtlpJsonFileReceiverConfig(
        List<String> include,
        List<String> exclude,
        boolean startAtBeginning,
        long pollIntervalNanos,
        int fingerprintBytes,
        int lineBytesMax,
        int filesMax)
        implements ReceiverConfig {
    /// The Collector's `start_at`.
    private enum Start {
        BEGINNING,
        END
    }

    private static final long MILLISECOND = 1_000_000;

    /// The Collector's 1 MiB would cut lines that its own file exporter writes.
    private static final long LINE_BYTES_MAX = 32L << 20;

    private static final String NO_EFFECT = "has no meaning for OTLP/JSON lines; remove this key";
    private static final List<String> WITHOUT_EFFECT =
            List.of(
                    "include_file_name",
                    "include_file_path",
                    "include_file_name_resolved",
                    "include_file_path_resolved",
                    "include_file_owner_name",
                    "include_file_owner_group_name",
                    "include_file_permissions",
                    "include_file_record_number",
                    "include_file_record_offset",
                    "preserve_leading_whitespaces",
                    "preserve_trailing_whitespaces",
                    "multiline",
                    "header",
                    "max_log_size_behavior",
                    "initial_buffer_size",
                    "max_batches",
                    "polls_to_archive");

    public OtlpJsonFileReceiverConfig {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    static OtlpJsonFileReceiverConfig read(Section section) {
        List<String> include = section.texts("include");
        if (include.isEmpty()) {
            section.problem("include", "is missing; write include: [./metrics.jsonl]");
        }
        var config =
                new OtlpJsonFileReceiverConfig(
                        include,
                        section.texts("exclude"),
                        section.choice("start_at", Start.END, Start.class) == Start.BEGINNING,
                        section.nanos(
                                "poll_interval",
                                200 * MILLISECOND,
                                MILLISECOND,
                                3_600_000 * MILLISECOND),
                        (int) section.bytes("fingerprint_size", 1_000, 16, 1 << 20),
                        (int) section.bytes("max_log_size", LINE_BYTES_MAX, 1_024, 1L << 30),
                        (int) section.integer("max_concurrent_files", 1_024, 1, 4_096));
        refuse(section);
        section.close();
        return config;
    }

    private static void refuse(Section section) {
        for (String key : WITHOUT_EFFECT) {
            if (section.has(key)) {
                section.problem(key, NO_EFFECT);
            }
        }
        refuse(section, "storage", "Firn keeps positions in its own log; remove this key");
        refuse(section, "force_flush_period", "Firn waits for a line's newline; remove this key");
        refuse(section, "delete_after_read", "Firn deletes no files that others write");
        refuse(section, "compression", "Firn reads plain files only; exclude compressed ones");
        refuse(section, "acquire_fs_lock", "Firn locks no files; remove this key");
        refuse(section, "exclude_older_than", "Firn reads files of any age; remove this key");
        refuse(section, "ordering_criteria", "Firn reads the file changed longest ago first");
        refuse(section, "replay_file", "Firn reads a line once; remove this key");
        refuse(section, "retry_on_failure", "Firn repeats a line until it is stored");
        if (!section.text("encoding", "utf-8").equalsIgnoreCase("utf-8")) {
            section.problem("encoding", "OTLP/JSON is utf-8; remove this key");
        }
    }

    private static void refuse(Section section, String key, String text) {
        if (section.has(key)) {
            section.problem(key, text);
        }
    }
}
