package dev.firn.ops.health;

/// What a look found about one thing.
///
/// @param id stable name, such as `wal_buffer`
/// @param figure what was measured, with its unit
/// @param limit what the figure is compared with; empty if with nothing
/// @param advice what to do; empty when nothing needs doing
public record Finding(
        String id, Section section, State state, String figure, String limit, String advice) {
    public Finding {
        if ((state == State.WARNING || state == State.CRITICAL) && advice.isEmpty()) {
            throw new IllegalArgumentException(id + " does not say what to do");
        }
    }

    /// A figure that is bad from `warn` on and worse from `critical` on.
    ///
    /// @param shown the figure as people read it
    static Finding upTo(
            String id,
            Section section,
            double figure,
            double warn,
            double critical,
            String shown,
            String limit,
            String advice) {
        State state =
                Double.isNaN(figure) || figure < warn
                        ? State.OK
                        : figure < critical ? State.WARNING : State.CRITICAL;
        return new Finding(id, section, state, shown, limit, state == State.OK ? "" : advice);
    }

    /// Something that is well.
    static Finding fine(String id, Section section, String figure) {
        return new Finding(id, section, State.OK, figure, "", "");
    }

    /// Something that no data has reached yet.
    static Finding waiting(String id, Section section, String figure) {
        return new Finding(id, section, State.WAITING, figure, "", "");
    }
}
