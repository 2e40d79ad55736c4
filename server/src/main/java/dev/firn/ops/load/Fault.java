package dev.firn.ops.load;

import java.util.function.Consumer;

/// Stands between generating and sending: may hold bodies back, repeat, reorder or drop them.
///
/// One is made per lane and is used by one thread. What it drops or repeats is counted by what is
/// sent: the ledger's points are those of bodies that came out of it.
public interface Fault {
    /// Takes a body; hands on to `send` what is to be sent now.
    void take(Body body, Consumer<Body> send);

    /// The lane has ended: hands on what was held back.
    default void end(Consumer<Body> send) {}

    /// Sends everything once, in order.
    static Fault none() {
        return (body, send) -> send.accept(body);
    }
}
