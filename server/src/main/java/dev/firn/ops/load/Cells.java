package dev.firn.ops.load;

/// Counts of one lane's requests by (plane, service, route, method, status) for the hour at hand
/// and the one before; older hours go to the ledger. A lane's time never goes back, and what it
/// counts is at most one export interval (half an hour at most) old.
final class Cells {
    private static final int HAPPENED = 0;
    private static final int HAPPENED_TICKS = 1;
    private static final int EXPORTED = 2;
    private static final int EXPORTED_TICKS = 3;
    private static final int WIDTH = 4;

    /// What a cell is, without its hour.
    record Key(
            String plane,
            String environment,
            String service,
            String route,
            String method,
            int status) {}

    private final Key[] keys;
    private final LedgerSink sink;
    private final long[][] counts;
    private final long[] hours = {-1, -1};

    Cells(Key[] keys, LedgerSink sink) {
        this.keys = keys;
        this.sink = sink;
        counts = new long[2][keys.length * WIDTH];
    }

    void happened(long hour, int cell, long requests, long ticks) {
        long[] slot = slot(hour);
        slot[cell * WIDTH + HAPPENED] += requests;
        slot[cell * WIDTH + HAPPENED_TICKS] += ticks;
    }

    void exported(long hour, int cell, long requests, long ticks) {
        long[] slot = slot(hour);
        slot[cell * WIDTH + EXPORTED] += requests;
        slot[cell * WIDTH + EXPORTED_TICKS] += ticks;
    }

    private long[] slot(long hour) {
        int parity = (int) (hour & 1);
        if (hours[parity] != hour) {
            flush(parity);
            hours[parity] = hour;
        }
        return counts[parity];
    }

    /// Hands everything to the ledger.
    void flush() {
        int older = hours[0] < hours[1] ? 0 : 1;
        flush(older);
        flush(1 - older);
    }

    private void flush(int parity) {
        long[] slot = counts[parity];
        for (int cell = 0; cell < keys.length; cell++) {
            int at = cell * WIDTH;
            if (slot[at + HAPPENED] != 0 || slot[at + EXPORTED] != 0) {
                Key key = keys[cell];
                sink.requests(
                        new Ledger.RequestKey(
                                hours[parity],
                                key.plane(),
                                key.environment(),
                                key.service(),
                                key.route(),
                                key.method(),
                                key.status()),
                        new Ledger.Requests(
                                slot[at + HAPPENED],
                                slot[at + HAPPENED_TICKS],
                                slot[at + EXPORTED],
                                slot[at + EXPORTED_TICKS]));
            }
        }
        java.util.Arrays.fill(slot, 0);
    }
}
