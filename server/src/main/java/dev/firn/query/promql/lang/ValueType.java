package dev.firn.query.promql.lang;

/// What an expression yields.
public enum ValueType {
    SCALAR("scalar"),
    VECTOR("instant vector"),
    MATRIX("range vector"),
    STRING("string");

    private final String documented;

    ValueType(String documented) {
        this.documented = documented;
    }

    /// The name that Prometheus' documentation uses.
    public String documented() {
        return documented;
    }
}
