package dev.firn.ops.health;

import java.util.List;

/// All checks at a moment.
///
/// @param state the worst of them; `waiting` only if nothing came at all
/// @param at when they were made, RFC 3339
public record Health(String state, String at, List<Check> checks) {
    public Health {
        checks = List.copyOf(checks);
    }
}
