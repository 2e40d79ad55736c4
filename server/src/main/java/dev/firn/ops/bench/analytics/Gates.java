package dev.firn.ops.bench.analytics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Prints measures beside gates and targets, and remembers which gates failed.
final class Gates {
    private final Consumer<String> out;
    private final List<String> failed = new ArrayList<>();

    Gates(Consumer<String> out) {
        this.out = out;
    }

    /// A measure that must be `gate` or more.
    void least(String name, double value, double gate, double target) {
        print(name, value, value >= gate, "≥ " + gate + ", target ≥ " + target);
    }

    /// A measure that must be `gate` or less.
    void most(String name, double value, double gate, double target) {
        print(name, value, value <= gate, "≤ " + gate + ", target ≤ " + target);
    }

    /// A measure that must lie between two values.
    void between(String name, double value, double low, double high, String target) {
        print(
                name,
                value,
                value >= low && value <= high,
                low + " to " + high + ", target " + target);
    }

    private void print(String name, double value, boolean passed, String bounds) {
        if (!passed) {
            failed.add(name);
        }
        out.accept(
                String.format(
                        Locale.ROOT,
                        "gate  %-28s %9.3f  %s  (%s)",
                        name,
                        value,
                        passed ? "pass" : "FAIL",
                        bounds));
    }

    /// Prints the last line; true where all passed.
    boolean end() {
        out.accept(
                failed.isEmpty() ? "gates: pass" : "gates: failed: " + String.join(", ", failed));
        return failed.isEmpty();
    }
}
