package dev.firn.engine;

/// How far the loading of rows from the lake is.
///
/// @param running false: nothing is being loaded
/// @param daysLeft days still to read
/// @param rowsDone rows read
/// @param rowsTotal rows that will be read, at most
/// @param seconds since it began, or was taken up again
public record LakeProgress(
        boolean running, int daysLeft, long rowsDone, long rowsTotal, double seconds) {
    /// Nothing is being loaded.
    static final LakeProgress NONE = new LakeProgress(false, 0, 0, 0, 0);

    /// Rows read in a second.
    public double rowsPerSecond() {
        return seconds <= 0 ? 0 : rowsDone / seconds;
    }

    /// Seconds until the end at this pace; 0 if it is not known.
    public double secondsLeft() {
        double pace = rowsPerSecond();
        return pace <= 0 ? 0 : Math.max(0, rowsTotal - rowsDone) / pace;
    }

    /// In words.
    public String describe() {
        return "%,d of %,d rows, %,.0f rows/s, %d days left, about %,.0f s"
                .formatted(
                        rowsDone,
                        Math.max(rowsDone, rowsTotal),
                        rowsPerSecond(),
                        daysLeft,
                        secondsLeft());
    }
}
