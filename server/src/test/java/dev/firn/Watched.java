package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.ops.load.OtlpBodies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;

/// A served Firn whose time is moved on, and what its health and the shipped rules tell then.
final class Watched implements AutoCloseable {
    static final long SECOND = 1_000_000_000L;

    /// Within a selector's five minutes, so that each evaluation finds a sample.
    static final long STEP_SECONDS = 120;

    private static final long PATIENCE_NANOS = 120 * SECOND;
    private static final int STEPS_MAX = 100;
    private static final Set<String> ALWAYS = Set.of("Watchdog");

    /// What is needed to be told of alerts, and nothing that tells of data.
    static final String QUIETLY =
            """
            rules: {interval: 1m}
            slo: {enabled: false}
            quality: {enabled: false}
            anomaly: {enabled: false}
            forecast: {enabled: false}
            cost: {enabled: false}
            """;

    /// Half a day ago, and further on with each step: time that was slept through.
    static final class Moved implements Clock {
        private static final long AGO = 12 * 3_600 * SECOND;
        private volatile long by;

        @Override
        public long nanos() {
            return Clock.system().nanos() - AGO + by;
        }

        @Override
        public long ticks() {
            return System.nanoTime() + by;
        }
    }

    final Served served;
    private final Moved clock;

    Watched(Path data, String config, Moved clock) {
        this.clock = clock;
        this.served = new Served(data, config, clock);
    }

    static void await(String what, BooleanSupplier condition) {
        Served.patiently(PATIENCE_NANOS, condition);
        assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    /// Names of alerts that fire.
    Set<String> firing() {
        var firing = new TreeSet<String>();
        for (JsonNode alert : served.json("/api/v1/alerts").at("/data/alerts")) {
            if (alert.get("state").asString().equals("firing")) {
                firing.add(alert.at("/labels/alertname").asString());
            }
        }
        return firing;
    }

    /// Of all checks.
    Map<String, String> states() {
        var states = new TreeMap<String, String>();
        for (JsonNode check : served.health().get("checks")) {
            states.put(check.get("id").asString(), check.get("state").asString());
        }
        return states;
    }

    /// Checks that warn or are critical.
    Set<String> bad() {
        var bad = states();
        bad.values().removeIf(state -> Set.of("ok", "waiting").contains(state));
        return bad.keySet();
    }

    void step() {
        step(STEP_SECONDS);
    }

    /// Time passes, and the rules have seen it.
    void step(long seconds) {
        clock.by += seconds * SECOND;
        served.health(); // looks, as it would have meanwhile
        long slot = clock.nanos() / (60 * SECOND) * 60;
        await(
                "an evaluation",
                () -> {
                    for (JsonNode group : served.json("/api/v1/rules").at("/data/groups")) {
                        String at = group.get("lastEvaluation").asString();
                        if (Instant.parse(at).getEpochSecond() < slot) {
                            return false;
                        }
                    }
                    return true;
                });
    }

    /// A point of each series, 100 in a request.
    void send(int series, long aheadSeconds) {
        long at = clock.nanos() + aheadSeconds * SECOND;
        var bodies = new OtlpBodies(OtlpBodies.Mix.GAUGE, series, 100, 0, 1, at, SECOND);
        for (int i = 0; i < series / 100; i++) {
            served.send(bodies.body(i));
        }
    }

    /// Steps until each of them was told at some time: what is tried again and again waits ever
    /// longer in between.
    void assertTold(Set<String> alerts, Set<String> checks, Runnable each) {
        var fired = new TreeSet<String>();
        var bad = new TreeSet<String>();
        steps(
                each,
                () -> {
                    fired.addAll(firing());
                    bad.addAll(bad());
                    return fired.containsAll(alerts) && bad.containsAll(checks);
                });
        assertThat(fired).as("alerts").containsAll(alerts);
        assertThat(bad).as("checks").containsAll(checks);
    }

    /// Steps until only the alert that always fires does, and no check is bad.
    void assertMended(Runnable each) {
        steps(each, () -> bad().isEmpty() && firing().equals(ALWAYS));
        assertThat(bad()).as("checks that are bad").isEmpty();
        assertThat(firing()).as("alerts").isEqualTo(ALWAYS);
        assertThat(exitOfHealth()).isZero();
    }

    /// At least so many steps, and at least for so long: some waits are by steps, others are not.
    void steps(Runnable each, BooleanSupplier until) {
        long begin = System.nanoTime();
        for (int i = 0; !until.getAsBoolean(); i++) {
            if (i >= STEPS_MAX && System.nanoTime() - begin > PATIENCE_NANOS) {
                return;
            }
            each.run();
            step();
        }
    }

    /// One of its own metrics that has no labels.
    double metric(String name) {
        return served.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + name));
    }

    int exitOfHealth() {
        return Served.command("health", "--url", served.running.url()).exit();
    }

    /// The folder of the lake's points; waits until it is there.
    static Path points(Path data) {
        await("files of points", () -> !found(data).equals(data));
        return found(data);
    }

    private static Path found(Path data) {
        Path lake = data.resolve("lake");
        if (!Files.isDirectory(lake)) {
            return data;
        }
        try (var paths = Files.walk(lake)) {
            return paths.filter(path -> path.endsWith("points/data")).findFirst().orElse(data);
        } catch (IOException | UncheckedIOException e) {
            return data; // something went while it was looked at
        }
    }

    @Override
    public void close() {
        served.close();
    }
}
