package dev.firn.engine;

import dev.firn.base.Clock;

/// What the sink must know of where the engine lives: how to be sure that no insert of a lost
/// request or of an earlier process is still at work, since counting rows means nothing before.
public interface EngineHome {
    /// Called once at start.
    void settleAtStart() throws InterruptedException;

    /// Called after an insert whose answer was lost.
    void settleAfterLoss() throws InterruptedException;

    /// A child process of ours: it is younger than this process, so at start there is nothing to
    /// settle; after a loss a new child knows of no old insert.
    static EngineHome child(Runnable restart) {
        return new EngineHome() {
            @Override
            public void settleAtStart() {}

            @Override
            public void settleAfterLoss() {
                restart.run();
            }
        };
    }

    /// A server: it may still be busy with what a process before this one sent, or with what got no
    /// answer. Waits until no insert with such an id has been running for a moment; what has been
    /// running for long is asked to end.
    ///
    /// @param prefix what all query ids of the writer's inserts begin with
    /// @param prepare done after that at start, before anything is stored
    static EngineHome server(EngineClient client, String prefix, Clock clock, Preparation prepare) {
        return new EngineHome() {
            @Override
            public void settleAtStart() throws InterruptedException {
                settleAfterLoss();
                prepare.run();
            }

            @Override
            public void settleAfterLoss() throws InterruptedException {
                InsertsEnd.await(client, prefix, clock);
            }
        };
    }

    /// What makes a server ready.
    interface Preparation {
        /// May be called again after it failed.
        void run() throws InterruptedException;
    }
}
