package dev.firn.engine;

/// Cuts that the engine lacks: all between two of them, or some.
///
/// @param from the first; 0 for none
/// @param to the last
/// @param cuts how many
record MissingRange(long from, long to, long cuts) {
    static final MissingRange NONE = new MissingRange(0, 0, 0);

    /// With a later stretch.
    MissingRange and(long first, long last) {
        return new MissingRange(cuts == 0 ? first : from, last, cuts + last - first + 1);
    }

    /// What [#toString] wrote.
    static MissingRange parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        String[] parts = text.split(" ", 3);
        return new MissingRange(
                Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }

    @Override
    public String toString() {
        return from + " " + to + " " + cuts;
    }
}
