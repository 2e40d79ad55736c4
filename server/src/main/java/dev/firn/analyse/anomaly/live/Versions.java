package dev.firn.analyse.anomaly.live;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which versions of services ran, and so when one was deployed: the interval in which a version is
/// there that was not in the quarter of an hour before. A deployment lasts until a quarter of an
/// hour after that, or after the next one.
final class Versions {
    private static final long GONE_MILLIS = 3 * Signals.STEP_SECONDS * 1_000;
    private static final long LASTS_MILLIS = 3 * Signals.STEP_SECONDS * 1_000;

    /// Services and versions that are remembered; the longest unheard of go.
    private static final int SERVICES_MAX = 10_000;

    private static final int VERSIONS_MAX = 20;

    private final Map<Service, Its> all = new LinkedHashMap<>();

    /// A service in an environment.
    record Service(String environment, String name) {}

    /// One that began.
    record Deployment(String version, long at) {}

    private static final class Its {
        private final Map<String, Long> seen = new LinkedHashMap<>();
        private @Nullable Deployment last;
    }

    /// That a version runs in an interval.
    void run(Service service, String version, long time) {
        Its its = all.remove(service);
        boolean known = its != null;
        if (its == null) {
            its = new Its();
        }
        all.put(service, its);
        Long before = its.seen.remove(version);
        its.seen.put(version, time);
        if (known && (before == null || time - before > GONE_MILLIS)) {
            its.last = new Deployment(version, time);
        }
        if (its.seen.size() > VERSIONS_MAX) {
            its.seen.remove(its.seen.keySet().iterator().next());
        }
        if (all.size() > SERVICES_MAX) {
            all.remove(all.keySet().iterator().next());
        }
    }

    /// The deployment that a time is part of.
    @Nullable Deployment at(Service service, long time) {
        Its its = all.get(service);
        Deployment last = its == null ? null : its.last;
        return last == null || time - last.at >= LASTS_MILLIS ? null : last;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(all.size());
        for (Map.Entry<Service, Its> one : all.entrySet()) {
            SignalWatch.write(out, one.getKey().environment);
            SignalWatch.write(out, one.getKey().name);
            Its its = one.getValue();
            out.writeInt(its.seen.size());
            for (Map.Entry<String, Long> version : its.seen.entrySet()) {
                SignalWatch.write(out, version.getKey());
                out.writeLong(version.getValue());
            }
            Deployment last = its.last;
            out.writeBoolean(last != null);
            if (last != null) {
                SignalWatch.write(out, last.version);
                out.writeLong(last.at);
            }
        }
    }

    static Versions read(DataInputStream in) throws IOException {
        var versions = new Versions();
        int services = in.readInt();
        for (int i = 0; i < services; i++) {
            var its = new Its();
            versions.all.put(new Service(SignalWatch.text(in), SignalWatch.text(in)), its);
            int seen = in.readInt();
            for (int version = 0; version < seen; version++) {
                its.seen.put(SignalWatch.text(in), in.readLong());
            }
            if (in.readBoolean()) {
                its.last = new Deployment(SignalWatch.text(in), in.readLong());
            }
        }
        return versions;
    }
}
