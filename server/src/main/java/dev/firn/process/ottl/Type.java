package dev.firn.process.ottl;

/// What is known of a value before anything runs.
enum Type {
    UNKNOWN("a value"),
    NIL("nil"),
    TEXT("a text"),
    INT("an integer"),
    REAL("a double"),
    BOOL("a bool"),
    BYTES("bytes"),
    LIST("a list"),
    MAP("a map"),
    TIME("a time"),
    DURATION("a duration");

    final String shown;

    Type(String shown) {
        this.shown = shown;
    }
}
