package dev.firn;

/// The program: configuration in, rooms built in order, closed in reverse.
public final class Firn {
    private Firn() {}

    /// Runs a command line.
    public static void main(String[] args) {
        System.exit(2);
    }
}
