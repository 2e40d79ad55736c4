package dev.firn.ops.health;

import java.util.List;

/// Looks after one part of the program.
@FunctionalInterface
public interface Probe {
    /// What it finds now; quick, called every ten seconds and when somebody asks.
    ///
    /// @param history counters of the last hour
    List<Finding> look(History history);
}
