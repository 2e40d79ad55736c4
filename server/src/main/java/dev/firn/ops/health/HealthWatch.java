package dev.firn.ops.health;

import dev.firn.base.Clock;
import dev.firn.base.Worker;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Has all probes look every ten seconds, and remembers since when each check stands as it does.
public final class HealthWatch implements AutoCloseable {
    private static final long EVERY_MILLIS = 10_000;
    private static final long FRESH_NANOS = 1_000_000_000L;

    private record Standing(State state, String since) {}

    private final List<Probe> probes;
    private final History history;
    private final Clock clock;
    private final Map<String, Standing> standing = new HashMap<>();
    private final Worker worker;
    private Health last = new Health("waiting", "", List.of());
    private long lastTicks;
    private boolean looked;

    private HealthWatch(List<Probe> probes, History history, Clock clock, long everyMillis) {
        this.probes = List.copyOf(probes);
        this.history = history;
        this.clock = clock;
        this.worker =
                Worker.start(
                        "health",
                        () -> {
                            look();
                            Thread.sleep(everyMillis);
                        });
    }

    /// Starts to look.
    ///
    /// @param history what the probes watch
    public static HealthWatch start(List<Probe> probes, History history, Clock clock) {
        return new HealthWatch(probes, history, clock, EVERY_MILLIS);
    }

    /// The checks, at most a second old.
    public synchronized Health now() {
        if (!looked || clock.ticks() - lastTicks > FRESH_NANOS) {
            look();
        }
        return last;
    }

    private synchronized void look() {
        long began = clock.ticks();
        history.note(began);
        var findings = new ArrayList<Finding>();
        for (Probe probe : probes) {
            findings.addAll(probe.look(history));
        }
        findings.sort(Comparator.comparing(Finding::section)); // stable: a probe's own order stays
        String at = text(clock.nanos());
        State worst = State.OK;
        var checks = new ArrayList<Check>();
        var seen = new HashSet<String>();
        for (Finding finding : findings) {
            Standing before = standing.get(finding.id());
            Standing now =
                    before != null && before.state == finding.state()
                            ? before
                            : new Standing(finding.state(), at);
            standing.put(finding.id(), now);
            seen.add(finding.id());
            checks.add(Check.of(finding, now.since));
            worst = worse(worst, finding);
        }
        standing.keySet().retainAll(seen);
        last = new Health(worst.label(), at, checks);
        lastTicks = began;
        looked = true;
    }

    /// That one part waits for data says something about all only if no data came at all.
    private static State worse(State worst, Finding finding) {
        boolean counts = finding.state() != State.WAITING || finding.id().equals("receivers");
        return counts && finding.state().compareTo(worst) > 0 ? finding.state() : worst;
    }

    private static String text(long nanos) {
        return Instant.ofEpochSecond(0, nanos).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Override
    public void close() {
        worker.close();
    }
}
