package dev.firn.lake;

/// Walks runs of equal values in pieces, for [PageWriter].
final class RunCursor {
    private final int[] codes;
    private final int[] lengths;
    private final int runs;
    private int run;
    private int used;

    RunCursor(int[] codes, int[] lengths, int runs) {
        this.codes = codes;
        this.lengths = lengths;
        this.runs = runs;
    }

    int code() {
        if (run >= runs) {
            throw new IllegalStateException("runs end before their rows");
        }
        return codes[run];
    }

    int take(int max) {
        int taken = Math.min(max, lengths[run] - used);
        used += taken;
        if (used == lengths[run]) {
            run++;
            used = 0;
        }
        return taken;
    }
}
