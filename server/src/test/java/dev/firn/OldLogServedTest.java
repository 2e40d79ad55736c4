package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log that was put back from an older copy: stores have cuts that it does not know. Both sinks
/// stop rather than guess, nothing is taken, and all of it is told, until the right log is back.
class OldLogServedTest {
    private static final Set<String> CHECKS =
            Set.of("engine_sink", "lake_uploader", "log", "receivers");

    private final Watched.Moved clock = new Watched.Moved();

    private static void copy(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    private void sent(Path data, int requests) {
        try (var firn = new Watched(data, Watched.QUIETLY, clock)) {
            for (int i = 0; i < requests; i++) {
                firn.send(100, 0);
                firn.step(60);
            }
        }
    }

    @Test
    void sinksThatStoppedAreTold(@TempDir Path folder) throws Exception {
        Path data = folder.resolve("data");
        Path log = data.resolve("wal");
        Path old = folder.resolve("old");
        Path right = folder.resolve("right");
        sent(data, 1);
        copy(log, old);
        sent(data, 3);
        Files.move(log, right);
        Files.move(old, log);
        try (var firn = new Watched(data, Watched.QUIETLY, clock)) {
            Watched.await(
                    "checks",
                    () -> {
                        firn.step();
                        return firn.bad().containsAll(CHECKS);
                    });
            Watched.await(
                    "the alert",
                    () -> {
                        firn.step();
                        return firn.firing().contains("FirnSinkStopped");
                    });
            assertThat(firn.exitOfHealth()).isEqualTo(2);
        }
        Files.move(log, folder.resolve("wrong"));
        Files.move(right, log);
        try (var firn = new Watched(data, Watched.QUIETLY, clock)) {
            firn.assertMended(() -> firn.send(100, 0));
        }
    }
}
