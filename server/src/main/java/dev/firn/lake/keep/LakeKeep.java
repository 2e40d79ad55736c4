package dev.firn.lake.keep;

import java.util.Set;
import org.apache.iceberg.DataFile;

/// What stays of table `points`, as compaction asks: rows that are past their retention are left
/// out when files are written anew. A change that leaves rows out is committed as `overwrite`,
/// never as `replace`, so that followers see it.
public interface LakeKeep {
    /// Everything stays.
    LakeKeep ALL =
            new LakeKeep() {
                @Override
                public boolean keeps(
                        String metricName, String environment, String plane, long timeMicros) {
                    return true;
                }

                @Override
                public long borderMicros(String metricName, String environment, String plane) {
                    return Long.MIN_VALUE;
                }

                @Override
                public boolean trims(DataFile file) {
                    return false;
                }

                @Override
                public Set<Integer> due(DataFile file) {
                    return Set.of();
                }
            };

    /// Whether a row stays.
    ///
    /// @param plane column `data_plane_id`
    /// @param timeMicros since 1970
    boolean keeps(String metricName, String environment, String plane, long timeMicros);

    /// Rows from this time on stay whatever [#keeps] would say of older ones; the least number if
    /// all do. For those who ask of many rows of one series.
    long borderMicros(String metricName, String environment, String plane);

    /// Whether a file's bounds allow that some of its rows do not stay, so that writing it anew may
    /// be worth it. (Those of which no row stays are dropped by [Retirement] without reading them.)
    boolean trims(DataFile file);

    /// Numbers of the rules that may have rows in the file, all of them past: it is written anew
    /// for these, once each, and not for each hour that a file of younger rows grows older.
    Set<Integer> due(DataFile file);
}
