package dev.firn.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/// Takes the place of Firn's clock in a soak: bench/soak puts it in front of all other classes. The
/// machine's time, moved by the seconds that the file of system property `firn.soak.clock` names.
public interface Clock {
    /// As the one that this stands for.
    long nanos();

    /// As the one that this stands for: no jump moves durations.
    long ticks();

    /// As the one that this stands for.
    default long millis() {
        return nanos() / 1_000_000;
    }

    /// As the one that this stands for.
    static Clock system() {
        return SystemClock.INSTANCE;
    }

    /// As the one that this stands for.
    enum SystemClock implements Clock {
        INSTANCE;

        private static final long SECOND = 1_000_000_000L;

        private final Path file = Path.of(System.getProperty("firn.soak.clock"));
        private volatile long moved;

        SystemClock() {
            Thread.ofPlatform().daemon().name("soak-clock").start(this::follow);
        }

        private void follow() {
            while (true) {
                try {
                    moved = Long.parseLong(Files.readString(file).strip()) * SECOND;
                } catch (IOException | NumberFormatException e) {
                    // not written yet, or only half of it
                }
                try {
                    Thread.sleep(50);
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        @Override
        public long nanos() {
            Instant now = Instant.now();
            return now.getEpochSecond() * SECOND + now.getNano() + moved;
        }

        @Override
        public long ticks() {
            return System.nanoTime();
        }
    }
}
