package dev.firn;

import dev.firn.cli.FirnCommand;

/// The program: a command line in, an exit code out. `serve` and `demo` build the rooms; see
/// [Serving].
public final class Firn {
    private Firn() {}

    /// Runs a command line.
    public static void main(String[] arguments) {
        // Helidon speaks through java.util.logging; its start-up lines are not for a person.
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.WARNING);
        System.exit(FirnCommand.run(Serving::start, arguments));
    }
}
