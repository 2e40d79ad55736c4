package dev.firn.lake.keep;

import dev.firn.base.WorldException;

/// A hold forbids what was asked.
public final class Held extends WorldException {
    private static final long serialVersionUID = 1;

    public Held(String message) {
        super(message);
    }
}
