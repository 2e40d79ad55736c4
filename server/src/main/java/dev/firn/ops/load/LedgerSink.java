package dev.firn.ops.load;

/// Takes what happened. Entries with the same key add up. Called from several threads.
public interface LedgerSink {
    /// Requests of an hour; see [Ledger.Requests].
    void requests(Ledger.RequestKey key, Ledger.Requests requests);

    /// Points of a metric in an hour; see [Ledger.Points].
    void points(Ledger.PointKey key, Ledger.Points points);

    /// Something that happened to a process, or that a receiver said.
    void event(Ledger.Event event);

    /// Forgets everything.
    static LedgerSink none() {
        return new LedgerSink() {
            @Override
            public void requests(Ledger.RequestKey key, Ledger.Requests requests) {}

            @Override
            public void points(Ledger.PointKey key, Ledger.Points points) {}

            @Override
            public void event(Ledger.Event event) {}
        };
    }
}
