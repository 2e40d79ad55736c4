package dev.firn.engine;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;

/// The rows of one cut and table in the table's order, split by monthly partition, and on a cluster
/// by shard within each. Reused; belongs to the sink's thread.
final class RowOrder {
    private static final long DAY_NANOS = 86_400_000_000_000L;

    private int[] order = new int[0];
    private int[] spare = new int[0];
    private int[] starts = new int[0];
    private final IndexSort sort = new IndexSort();

    private int[] months = new int[4];
    private int[] shardOf = new int[4];
    private int[] ends = new int[4];
    private int[] monthOfRow = new int[0];
    private int partitions;
    private int shards = 1;

    /// Rows of a series belong to one of so many shards.
    void shards(int number) {
        shards = number;
    }

    /// The shard of a series from 0, as [ClusterSql#SHARDING_KEY] says.
    static int shard(long seriesId, int shards) {
        return shards == 1 ? 0 : (int) Long.remainderUnsigned(seriesId, shards);
    }

    /// Row numbers, partition after partition.
    int[] order() {
        return order;
    }

    /// Number of partitions, those of several shards counted apart.
    int partitions() {
        return partitions;
    }

    /// A partition's name, as toYYYYMM gives it.
    int month(int partition) {
        return months[partition];
    }

    /// A partition's shard, from 0.
    int shard(int partition) {
        return shardOf[partition];
    }

    /// Where a partition's rows start in [#order].
    int from(int partition) {
        return partition == 0 ? 0 : ends[partition - 1];
    }

    /// Where they end.
    int to(int partition) {
        return ends[partition];
    }

    /// Arranges rows 0 … `rows - 1`.
    ///
    /// @param slot the row's slot in `series`; slots of rank -1 are left out
    /// @param time nanoseconds
    void arrange(int rows, int[] slot, long[] time, CutSeries series) {
        if (rows == 0) {
            partitions = 0;
            return;
        }
        if (order.length < rows) {
            order = new int[Math.max(rows, order.length * 2)];
            spare = new int[order.length];
            monthOfRow = new int[order.length];
        }
        int kept = bySeries(rows, slot, time, series);
        byPartition(kept, slot, time, series);
    }

    /// A counting sort by rank, then by time within each series.
    private int bySeries(int rows, int[] slot, long[] time, CutSeries series) {
        int ranks = series.ranks();
        if (starts.length < ranks + 1) {
            starts = new int[Math.max(ranks + 1, starts.length * 2)];
        }
        Arrays.fill(starts, 0, ranks + 1, 0);
        int[] rank = series.rank;
        for (int row = 0; row < rows; row++) {
            int at = rank[slot[row]];
            if (at >= 0) {
                starts[at + 1]++;
            }
        }
        for (int i = 0; i < ranks; i++) {
            starts[i + 1] += starts[i];
        }
        int kept = starts[ranks];
        for (int row = 0; row < rows; row++) {
            int at = rank[slot[row]];
            if (at >= 0) {
                order[starts[at]++] = row;
            }
        }
        int from = 0;
        for (int i = 0; i < ranks; i++) { // starts[i] is now the end of run i
            sort.sort(order, from, starts[i], time);
            from = starts[i];
        }
        return kept;
    }

    private void byPartition(int kept, int[] slot, long[] time, CutSeries series) {
        partitions = 0;
        long low = 0;
        long high = 0; // bounds of the current month: nothing is in it yet
        int current = -1;
        int currentShard = 0;
        int month = 0;
        for (int i = 0; i < kept; i++) {
            long nanos = time[order[i]];
            int shard = shards == 1 ? 0 : shard(series.id[slot[order[i]]], shards);
            boolean otherMonth = current < 0 || nanos < low || nanos >= high;
            if (otherMonth) {
                LocalDate first =
                        LocalDate.ofEpochDay(Math.floorDiv(nanos, DAY_NANOS)).withDayOfMonth(1);
                low = nanos(first);
                high = nanos(first.plusMonths(1));
                month = first.getYear() * 100 + first.getMonthValue();
            }
            if (otherMonth || shard != currentShard) {
                current = partition(month, shard);
                currentShard = shard;
            }
            monthOfRow[i] = current;
            ends[current]++;
        }
        for (int i = 1; i < partitions; i++) {
            ends[i] += ends[i - 1];
        }
        if (partitions > 1) {
            split(kept);
        }
    }

    /// A stable counting sort by partition.
    private void split(int kept) {
        int[] next = new int[partitions];
        System.arraycopy(ends, 0, next, 1, partitions - 1);
        for (int i = 0; i < kept; i++) {
            spare[next[monthOfRow[i]]++] = order[i];
        }
        int[] arranged = spare;
        spare = order;
        order = arranged;
    }

    private int partition(int month, int shard) {
        for (int i = 0; i < partitions; i++) {
            if (months[i] == month && shardOf[i] == shard) {
                return i;
            }
        }
        if (partitions == months.length) {
            months = Arrays.copyOf(months, partitions * 2);
            shardOf = Arrays.copyOf(shardOf, partitions * 2);
            ends = Arrays.copyOf(ends, partitions * 2);
        }
        months[partitions] = month;
        shardOf[partitions] = shard;
        ends[partitions] = 0;
        return partitions++;
    }

    /// Saturates at the end of 64-bit nanoseconds, in April 2262.
    private static long nanos(LocalDate day) {
        long seconds = day.atStartOfDay().toEpochSecond(ZoneOffset.UTC);
        return seconds >= Long.MAX_VALUE / 1_000_000_000L
                ? Long.MAX_VALUE
                : seconds * 1_000_000_000L;
    }
}
