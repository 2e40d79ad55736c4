package dev.firn.export.send;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.config.RetryConfig;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends one request until it is taken, refused or given up, and counts. Thread-safe.
final class Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    private static final long LOG_SECONDS = 30;

    private final String name;
    private final Transport transport;
    private final RetryConfig retry;
    private final Clock clock;
    private final RandomGenerator random;
    private final SendMetrics metrics;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Throttle drops;
    private final Throttle retries;
    private final Throttle partials;

    Delivery(
            String name,
            Transport transport,
            RetryConfig retry,
            Clock clock,
            RandomGenerator random,
            SendMetrics metrics) {
        this.name = name;
        this.transport = transport;
        this.retry = retry;
        this.clock = clock;
        this.random = random;
        this.metrics = metrics;
        this.drops = new Throttle(clock, LOG_SECONDS);
        this.retries = new Throttle(clock, LOG_SECONDS);
        this.partials = new Throttle(clock, LOG_SECONDS);
    }

    /// Ends every wait between attempts.
    void stop() {
        closing.countDown();
    }

    /// True when nothing is left to do about the request: it was taken or dropped. False when it
    /// was left unsent because of [#stop] or an interrupt.
    boolean deliver(Request request) {
        try {
            return attempts(request);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (RuntimeException e) { // a bug; the next requests must not wait for this one
            LOG.error("exporter {} failed to send a request, which is dropped", name, e);
            metrics.failed.inc(request.points());
            return true;
        }
    }

    private boolean attempts(Request request) throws InterruptedException {
        byte[] packed = transport.pack(request.body());
        long began = clock.ticks();
        var schedule = new RetrySchedule(retry, random);
        while (true) {
            switch (transport.send(packed)) {
                case Transport.Outcome.Delivered(long rejected, String message) -> {
                    delivered(request.points(), rejected, message);
                    return true;
                }
                case Transport.Outcome.Refused(String why) -> {
                    dropped(request.points(), metrics.refused, why);
                    return true;
                }
                case Transport.Outcome.Retry(String why, var after) -> {
                    if (closing.getCount() == 0) {
                        return false;
                    }
                    long wait = Math.max(schedule.next(), after.orElse(0));
                    long waited = clock.ticks() - began;
                    if (!retry.enabled()) {
                        dropped(
                                request.points(),
                                metrics.gaveUp,
                                why + "; retry_on_failure is off");
                        return true;
                    }
                    if (retry.maxElapsedNanos() > 0 && waited + wait > retry.maxElapsedNanos()) {
                        dropped(
                                request.points(),
                                metrics.gaveUp,
                                why + "; retry_on_failure.max_elapsed_time is over");
                        return true;
                    }
                    retried(why, wait);
                    if (closing.await(wait, TimeUnit.NANOSECONDS)) {
                        return false;
                    }
                }
            }
        }
    }

    private void delivered(long points, long rejected, String message) {
        long refused = Math.clamp(rejected, 0, points);
        metrics.delivered.inc();
        metrics.sent.inc(points - refused);
        metrics.failed.inc(refused);
        long silent = refused == 0 && message.isEmpty() ? -1 : partials.permit();
        if (silent >= 0) {
            LOG.warn(
                    "exporter {}: the other side took a request but refused {} of its {} points"
                            + " for good: {} ({} such messages were not logged)",
                    name,
                    refused,
                    points,
                    message,
                    silent);
        }
    }

    private void dropped(long points, CounterDataPoint outcome, String why) {
        outcome.inc();
        metrics.failed.inc(points);
        long silent = drops.permit();
        if (silent >= 0) {
            LOG.error(
                    "exporter {} dropped a request of {} points: {} ({} such messages were not"
                            + " logged)",
                    name,
                    points,
                    why,
                    silent);
        }
    }

    private void retried(String why, long waitNanos) {
        metrics.retried.inc();
        long silent = retries.permit();
        if (silent >= 0) {
            LOG.warn(
                    "exporter {} could not send and tries again in {} ms: {} ({} such messages"
                            + " were not logged)",
                    name,
                    waitNanos / 1_000_000,
                    why,
                    silent);
        }
    }
}
