package dev.firn.ops.load;

import java.util.List;

/// When new versions of a service reach an instance, and which version runs at a time. A function
/// of seed and time only, so that two runs over adjacent ranges agree.
final class Deployments {
    private static final long DAY = 24 * 3600 * LoadOptions.SECOND;
    private static final long PERIOD = 3 * DAY;
    private static final long ROLL = 45 * LoadOptions.SECOND;
    private static final int ROLLED_AT_ONCE = 20;

    private final boolean scheduled;
    private final long offset;
    private final long delay;
    private final List<Incident> bad;

    /// @param number of the instance in its plane: instances are rolled one after the other
    Deployments(
            long seed,
            String plane,
            String service,
            int number,
            boolean scheduled,
            List<Incident> incidents) {
        this.scheduled = scheduled;
        this.offset = Chance.of(seed, "deploy/" + plane + "/" + service).below(PERIOD);
        this.delay = number % ROLLED_AT_ONCE * ROLL;
        this.bad = incidents.stream().filter(i -> i.kind() == Incident.Kind.BAD_DEPLOY).toList();
    }

    long nextAfter(long nanos) {
        long next = Long.MAX_VALUE;
        if (scheduled) {
            long period = Math.floorDiv(nanos - offset - delay, PERIOD) + 1;
            next = offset + delay + period * PERIOD;
        }
        for (Incident incident : bad) {
            if (incident.fromNanos() + delay > nanos) {
                next = Math.min(next, incident.fromNanos() + delay);
            }
            if (incident.toNanos() + delay > nanos) {
                next = Math.min(next, incident.toNanos() + delay);
            }
        }
        return next;
    }

    /// Counts up with every scheduled deployment.
    long numberAt(long nanos) {
        return scheduled ? Math.floorDiv(nanos - offset - delay, PERIOD) : 0;
    }

    boolean badAt(long nanos) {
        return bad.stream().anyMatch(i -> i.covers(nanos - delay));
    }

    String versionAt(long nanos) {
        return "3." + numberAt(nanos) + (badAt(nanos) ? ".1" : ".0");
    }
}
