package dev.firn.lake;

import dev.firn.model.Batch;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/// The rows of one commit while they are gathered: whole cuts go in, data files come out. Used by
/// one thread.
///
/// What [#add] and the writing methods throw decides what becomes of the rows: failures of the
/// world (an IOException or SQLException anywhere in the chain, a WorldException, an exception of
/// Iceberg's) are tried again; anything else is held against the data, and the cut that causes it
/// goes to quarantine.
public interface PointsRun {
    /// Starts an empty run.
    interface Factory {
        PointsRun start();

        /// Runs started from now on write every series again.
        default void forgetSeries() {}
    }

    /// Takes in copies of a batch's rows.
    ///
    /// @param src writer of the rows
    /// @param seq number of their cut
    void add(Batch batch, String src, long seq);

    /// Memory that the run takes, in bytes.
    long bytes();

    /// Points taken in.
    long points();

    /// True if nothing was taken in.
    boolean isEmpty();

    /// Writes the series of the run's points into new, durable files. May be called again, and
    /// writes new files each time. On failure it deletes what it wrote, because the disk may be
    /// full.
    List<DataFile> writeSeries(Table table);

    /// The same for the points.
    List<DataFile> writePoints(Table table);

    /// The series of this run stand in the lake: later runs of the same factory need not write them
    /// again.
    default void seriesCommitted() {}
}
