package dev.firn.config;

/// `engine.classes`: what Firn's own queries of each class of user get, and `engine.query_slow`.
///
/// @param interactive of people who wait: dashboard and API
/// @param scheduled of SLOs, alerts and reports
/// @param slowNanos what takes longer is logged
public record QueryClassesConfig(Limits interactive, Limits scheduled, long slowNanos) {
    private static final long MIB = 1L << 20;
    private static final long TIB = 1L << 40;
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;

    /// What stands in no file.
    public static final QueryClassesConfig DEFAULT =
            new QueryClassesConfig(
                    new Limits(15 * SECOND, 100_000, 2_000_000_000L, 512 * MIB, 8),
                    new Limits(120 * SECOND, 1_000_000, 20_000_000_000L, 1_024 * MIB, 2),
                    5 * SECOND);

    /// Of one class.
    ///
    /// @param timeMaxNanos of one query
    /// @param rowsMax in an answer
    /// @param rowsReadMax that a query may read
    /// @param memoryMax bytes of one query
    /// @param queriesMax at once
    public record Limits(
            long timeMaxNanos, long rowsMax, long rowsReadMax, long memoryMax, int queriesMax) {
        static Limits read(Section section, Limits otherwise) {
            var limits =
                    new Limits(
                            section.nanos("time_max", otherwise.timeMaxNanos, SECOND, DAY),
                            section.integer("rows_max", otherwise.rowsMax, 1, 100_000_000),
                            section.integer(
                                    "rows_read_max", otherwise.rowsReadMax, 1, 1_000_000_000_000L),
                            section.bytes("memory_max", otherwise.memoryMax, 16 * MIB, TIB),
                            (int) section.integer("queries_max", otherwise.queriesMax, 1, 1_000));
            section.close();
            return limits;
        }
    }

    /// @param engine the section `engine`, which others read, too
    static QueryClassesConfig read(Section engine) {
        Section classes = engine.section("classes");
        var config =
                new QueryClassesConfig(
                        Limits.read(classes.section("interactive"), DEFAULT.interactive),
                        Limits.read(classes.section("scheduled"), DEFAULT.scheduled),
                        engine.nanos("query_slow", DEFAULT.slowNanos, SECOND / 1_000, DAY));
        classes.close();
        return config;
    }
}
