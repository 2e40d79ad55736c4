package dev.firn.model;

/// The pipelines that one receiver feeds.
public interface Pipelines {
    /// A request on its way. Ends with exactly one of [#stored] and [#failed], on the thread that
    /// began it; its batches are then used no more.
    interface Run {
        /// What the log must keep before the sender is answered; empty if no pipeline of these is
        /// durable.
        Batch durable();

        /// The log has it, or needs nothing of it: the other exporters get their points.
        void stored();

        /// Nothing of it was stored: as if it had not been.
        void failed();
    }

    /// Runs all processors over a request.
    ///
    /// @param in must live until the run ends
    /// @throws Intake.Overloaded to refuse the whole request
    Run run(Batch in);

    /// A single durable pipeline without processors.
    Pipelines DIRECT =
            in ->
                    new Run() {
                        @Override
                        public Batch durable() {
                            return in;
                        }

                        @Override
                        public void stored() {}

                        @Override
                        public void failed() {}
                    };
}
