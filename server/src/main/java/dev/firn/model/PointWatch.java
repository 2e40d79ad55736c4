package dev.firn.model;

/// Sees points once they are stored in the engine, each once in a process's life. Called by the
/// thread that stores, so that it must be quick and must not throw.
public interface PointWatch {
    /// Takes what was stored together.
    void stored(Stored points);

    /// Points that were stored together.
    interface Stored {
        /// Goes through them series by series, each in the order of its times. A series may have
        /// several runs.
        void forEach(Run run);
    }

    /// Takes points of one series.
    interface Run {
        /// @param fresh whether the engine had no row of the series before
        /// @param points columns whose rows `order[from]` … `order[to - 1]` are meant; flags as the
        ///   engine has them: of OTLP's, the low ones
        void take(Series series, boolean fresh, Points points, int[] order, int from, int to);
    }
}
