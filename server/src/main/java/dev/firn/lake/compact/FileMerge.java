package dev.firn.lake.compact;

import dev.firn.lake.LakePace;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/// Makes the files of a group fewer. Its own files are durable when it returns; on failure it
/// deletes what it wrote.
interface FileMerge {
    List<DataFile> merge(Table table, CompactionPlan.Group group, LakePace pace)
            throws InterruptedException;
}
