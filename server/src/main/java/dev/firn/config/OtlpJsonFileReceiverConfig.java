package dev.firn.config;

import java.util.List;

/// `otlpjsonfile`: files of OTLP/JSON lines, as a Collector's `file` exporter writes them.
///
/// @param include patterns of paths, such as `/buffer/*.jsonl`
/// @param exclude patterns of paths that are left out all the same
/// @param startAt where a file that is there at the first start is read from
/// @param pollIntervalNanos how often files are looked for
/// @param lineBytesMax a longer line is passed over and counted
public record OtlpJsonFileReceiverConfig(
        List<String> include,
        List<String> exclude,
        StartAt startAt,
        long pollIntervalNanos,
        long lineBytesMax)
        implements ReceiverConfig {
    private static final long MILLI = 1_000_000L;
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;

    public OtlpJsonFileReceiverConfig {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    /// Where reading begins.
    public enum StartAt {
        BEGINNING,
        END
    }

    static OtlpJsonFileReceiverConfig read(Section section) {
        var config =
                new OtlpJsonFileReceiverConfig(
                        section.texts("include"),
                        section.texts("exclude"),
                        section.choice("start_at", StartAt.END, StartAt.class),
                        section.nanos(
                                "poll_interval", 200 * MILLI, MILLI, 86_400_000 * MILLI),
                        section.bytes("max_log_size", 64 * MIB, KIB, 512 * MIB));
        if (config.include.isEmpty()) {
            section.problem("include", "name at least one file, such as [./buffer/*.jsonl]");
        }
        if (section.bool("replay_file", false)) {
            section.problem(
                    "replay_file", "Firn reads each line once; take this line out");
        }
        if (section.bool("delete_after_read", false)) {
            section.problem(
                    "delete_after_read",
                    "Firn leaves files to who writes them, such as max_backups of the file"
                            + " exporter; take this line out");
        }
        section.refuse(
                "a line is one request here; take this out", "multiline", "header", "operators");
        if (!List.of("utf-8", "utf8", "nop", "").contains(section.text("encoding", "utf-8"))) {
            section.problem("encoding", "Firn reads utf-8 only; convert the file");
        }
        if (!section.text("compression", "").isEmpty()) {
            section.problem("compression", "Firn reads plain files only; take this line out");
        }
        ignored(section);
        section.close();
        return config;
    }

    private static void ignored(Section section) {
        section.has("storage"); // positions are kept in the data directory anyway
        section.ignore(
                "Firn reads files in turn and keeps its place itself; take this line out",
                "max_concurrent_files",
                "max_batches",
                "fingerprint_size",
                "initial_buffer_size",
                "max_log_size_behavior",
                "force_flush_period",
                "polls_to_archive",
                "acquire_fs_lock",
                "ordering_criteria",
                "exclude_older_than",
                "preserve_leading_whitespaces",
                "preserve_trailing_whitespaces");
        section.ignore(
                "Firn adds no attributes about files; take this line out",
                "include_file_name",
                "include_file_path",
                "include_file_name_resolved",
                "include_file_path_resolved",
                "include_file_owner_name",
                "include_file_owner_group_name",
                "include_file_permissions",
                "include_file_record_number",
                "include_file_record_offset");
    }
}
