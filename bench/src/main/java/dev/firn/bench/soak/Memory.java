package dev.firn.bench.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Resident memory of Firn and of its engine, looked at once a second.
final class Memory {
    /// Megabytes, together.
    private final List<Long> looks = new ArrayList<>();

    private long peak;

    synchronized void look(Faults.Subject subject) {
        long firn = resident(subject.firn.handle());
        long engine = subject.firn.engineHandle().map(Memory::resident).orElse(0L);
        if (firn > 0 && engine > 0) { // not while one of them starts
            looks.add(firn + engine);
            peak = Math.max(peak, firn + engine);
        }
    }

    synchronized long peak() {
        return peak;
    }

    /// The median of a part of all looks.
    ///
    /// @param from share of them, 0 to 1
    synchronized long median(double from, double to) {
        List<Long> part =
                looks.subList((int) (looks.size() * from), (int) (looks.size() * to)).stream()
                        .sorted()
                        .toList();
        return part.isEmpty() ? 0 : part.get(part.size() / 2);
    }

    private static long resident(ProcessHandle process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0; // it is gone
        }
    }
}
