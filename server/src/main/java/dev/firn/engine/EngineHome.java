package dev.firn.engine;

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
}
