package dev.firn.receive;

import dev.firn.base.ByteWriter;

/// The raw bytes of a message's identity fields, tags included. Senders write them side by side, so
/// that they are mostly a stretch of the body itself; only scattered ones are copied together.
/// Mutable and reused: hot path, `DecoderBenchmark` in bench/.
final class IdentityRun {
    private static final byte[] NOTHING = new byte[0];

    private final ByteWriter scratch = new ByteWriter(256);
    private byte[] body = NOTHING;
    private int from;
    private int to;

    /// Starts over.
    void reset(byte[] of) {
        body = of;
        from = 0;
        to = 0;
        if (scratch.size() > 0) {
            scratch.reset();
        }
    }

    /// An idle run keeps no body alive.
    void letGo() {
        reset(NOTHING);
    }

    /// Adds the field `body[fieldFrom, fieldTo)`.
    void add(int fieldFrom, int fieldTo) {
        if (to == fieldFrom && to != from) {
            to = fieldTo;
            return;
        }
        if (to != from) {
            scratch.bytes(body, from, to - from);
        }
        from = fieldFrom;
        to = fieldTo;
    }

    /// No more fields: from here on [#bytes], [#from] and [#to] hold.
    void end() {
        if (scratch.size() > 0) {
            scratch.bytes(body, from, to - from);
            body = scratch.array();
            from = 0;
            to = scratch.size();
        }
    }

    /// The array that holds the run.
    byte[] bytes() {
        return body;
    }

    /// Where it starts.
    int from() {
        return from;
    }

    /// Where it ends.
    int to() {
        return to;
    }
}
