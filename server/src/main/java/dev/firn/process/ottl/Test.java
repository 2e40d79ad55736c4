package dev.firn.process.ottl;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A checked condition. What is decided by literals alone is decided beforehand, as a Collector
/// does it: then even what would fail beside it is not looked at.
///
/// @param decided null if it depends on the subject
record Test(Predicate<Subject> run, @Nullable Boolean decided) {
    static Test constant(boolean value) {
        return new Test(subject -> value, value);
    }

    static Test computed(Predicate<Subject> run) {
        return new Test(run, null);
    }

    static Test all(List<Test> parts) {
        return joined(parts, false);
    }

    static Test any(List<Test> parts) {
        return joined(parts, true);
    }

    /// @param decides the value of one part that settles the whole
    private static Test joined(List<Test> parts, boolean decides) {
        if (parts.stream().anyMatch(part -> part.decided != null && part.decided == decides)) {
            return constant(decides);
        }
        List<Predicate<Subject>> open =
                parts.stream().filter(part -> part.decided == null).map(Test::run).toList();
        return switch (open.size()) {
            case 0 -> constant(!decides);
            case 1 -> computed(open.getFirst());
            default -> computed(subject -> settled(open, decides, subject));
        };
    }

    private static boolean settled(
            List<Predicate<Subject>> parts, boolean decides, Subject subject) {
        for (Predicate<Subject> part : parts) {
            if (part.test(subject) == decides) {
                return decides;
            }
        }
        return !decides;
    }

    Test negated() {
        return decided == null ? computed(run.negate()) : constant(!decided);
    }
}
