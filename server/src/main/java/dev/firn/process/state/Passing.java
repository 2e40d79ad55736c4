package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.model.Batch;
import dev.firn.model.Points;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A request's points that pass first stages as the only ones of their series, and which of them
/// the log will hold. Rows are those of the request as it came in. Used by one thread.
final class Passing {
    /// The log holds nothing that tells of sources.
    static final String NONE = "";

    /// The log holds the request as it came in.
    static final String ALL = "*";

    private static final int KINDS = Points.Kind.values().length + 1;

    private final @Nullable Source[][] sources = new Source[KINDS][];
    private final boolean[][] held = new boolean[KINDS][];
    private @Nullable Batch in;
    private String witness = NONE;
    private boolean used;

    Passing() {
        Arrays.fill(sources, new Source[0]);
        Arrays.fill(held, new boolean[0]);
    }

    /// Begins.
    ///
    /// @param witness name of the stage whose points the log will hold as they leave it; [#NONE],
    ///   [#ALL]
    void begin(Batch of, String witness) {
        this.in = of;
        this.witness = witness;
    }

    /// Ends.
    void clear() {
        if (used) {
            for (int kind = 0; kind < KINDS; kind++) {
                Arrays.fill(sources[kind], null);
                Arrays.fill(held[kind], false);
            }
        }
        used = false;
        in = null;
        witness = NONE;
    }

    /// Whether these are the points as they came in.
    boolean isOf(Batch points) {
        return in == points;
    }

    String witness() {
        return witness;
    }

    /// A point passes.
    ///
    /// @param held whether it passes the witness
    void note(Points points, int row, Source source, boolean held) {
        room(points);
        int kind = points.kind().code();
        sources[kind][row] = source;
        this.held[kind][row] |= held;
    }

    /// The log will hold a point as it came.
    void hold(Points points, int row) {
        room(points);
        held[points.kind().code()][row] = true;
    }

    private void room(Points points) {
        used = true;
        int kind = points.kind().code();
        if (sources[kind].length < points.size()) {
            int size = points.size() + points.size() / 2;
            sources[kind] = Arrays.copyOf(sources[kind], size);
            held[kind] = Arrays.copyOf(held[kind], size);
        }
    }

    /// Appends what is needed to [#replay] it: nothing if nothing passed.
    ///
    /// @return whether anything was
    boolean seal(ByteWriter out) {
        Batch of = in;
        if (!used || of == null) {
            return false;
        }
        long passed = 0;
        long unheld = 0;
        for (Points.Kind kind : Points.Kind.values()) {
            for (int row = 0; row < rows(of, kind); row++) {
                if (sources[kind.code()][row] != null) {
                    passed++;
                    unheld += isHeld(kind, row) ? 0 : 1;
                }
            }
        }
        if (passed == 0) {
            return false;
        }
        out.string(witness).varint(unheld);
        for (Points.Kind kind : Points.Kind.values()) {
            for (int row = 0; row < rows(of, kind); row++) {
                Source source = sources[kind.code()][row];
                if (source != null && !isHeld(kind, row)) {
                    Source.write(source.key, of.points(kind), row, out);
                }
            }
        }
        return true;
    }

    private int rows(Batch of, Points.Kind kind) {
        return Math.min(of.points(kind).size(), sources[kind.code()].length);
    }

    private boolean isHeld(Points.Kind kind, int row) {
        return witness.equals(ALL) || held[kind.code()][row];
    }

    /// Repeats what [#seal] wrote.
    ///
    /// @param points what the log holds of the request
    static void replay(ByteReader in, Batch points, Sources to, StateRoom.Stages stages) {
        String witness = in.string();
        to.read(in);
        if (!witness.equals(NONE)) {
            to.replay(points, key -> stages.only(witness, key));
        }
    }

    /// The log has the request.
    ///
    /// @return whether anything passed
    boolean stored() {
        Batch of = in;
        boolean any = false;
        if (!used || of == null) {
            return false;
        }
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = of.points(kind);
            for (int row = 0; row < rows(of, kind); row++) {
                Source source = sources[kind.code()][row];
                if (source != null) {
                    source.observe(points, row);
                    any = true;
                }
            }
        }
        return any;
    }
}
