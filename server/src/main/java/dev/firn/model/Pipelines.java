package dev.firn.model;

/// What stands between a receiver and the log: the processors of the pipelines that name it, and
/// their exporters.
public interface Pipelines {
    /// Begins with a request that is not known yet. On the thread that will do all the rest.
    Session begin();

    /// One request's way: [#process], the log, [#stored], [#close].
    interface Session extends AutoCloseable {
        /// Runs the processors.
        ///
        /// @param in as the receiver decoded it; must not change before the session is closed
        /// @return what goes to the log, with the state that processors leave; may be `in`
        /// @throws Intake.Overloaded to refuse the whole request
        Batch process(Batch in);

        /// The log has it: the exporters get their points.
        void stored();

        /// The end. What processors remember of a request that was not stored is undone.
        @Override
        void close();
    }

    /// Without processors and exporters: everything goes to the log as it came.
    Pipelines NONE =
            () ->
                    new Session() {
                        @Override
                        public Batch process(Batch in) {
                            return in;
                        }

                        @Override
                        public void stored() {}

                        @Override
                        public void close() {}
                    };
}
