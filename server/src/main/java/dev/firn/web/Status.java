package dev.firn.web;

import java.util.List;

/// What `/ready` and `/health` say.
///
/// @param ready the log is open, the receivers accept and the engine (if there is one) has answered
///   once
/// @param waitingFor what is still missing for that; empty when ready
/// @param troubles what is wrong now without making it unready: a stopped sink, an engine that
///   restarts
public record Status(boolean ready, List<String> waitingFor, List<String> troubles) {
    public Status {
        waitingFor = List.copyOf(waitingFor);
        troubles = List.copyOf(troubles);
    }
}
