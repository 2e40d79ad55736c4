package dev.firn.query.promql.script;

/// A script that cannot be read.
public final class ScriptException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// `line` from 1.
    public ScriptException(int line, String message) {
        super("line " + line + ": " + message);
    }
}
