package dev.firn.alert;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.config.AlertingConfig;
import dev.firn.query.AlertBook;
import dev.firn.query.AlertBook.Alert;
import dev.firn.query.AlertBook.Severity;
import dev.firn.query.AlertBook.Source;
import dev.firn.query.AlertNotices;
import dev.firn.query.AlertNotices.Told;
import dev.firn.query.AlertSilences;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells receivers of alerts, every five seconds what they do not know yet.
///
/// An Alertmanager gets each alert again and again while it fires, and its end for a quarter of an
/// hour, as Prometheus sends them; it groups and repeats itself. Webhooks and the log get messages
/// by groups; what they were told stands in the state, so that a restart tells nothing twice.
public final class Alerting implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Alerting.class);
    private static final long EVERY_MILLIS = 5_000;
    private static final long RESEND_MILLIS = 60_000;
    private static final long RESOLVED_MILLIS = 900_000;
    private static final int BATCH_MAX = 64;
    private static final String LOG_NAME = "log";
    private static final long WARN_SECONDS = 300;

    private final AlertingConfig config;
    private final AlertBook book;
    private final AlertNotices notices;
    private final AlertSilences silences;
    private final Clock clock;
    private final Messages messages;
    private final List<HttpReceiver> alertmanagers = new ArrayList<>();
    private final List<HttpReceiver> webhooks = new ArrayList<>();
    private final Map<HttpReceiver, Map<String, Sent>> sent = new HashMap<>();
    private final Map<String, Throttle> warnings = new HashMap<>();
    private final Counter told;
    private final Gauge gauge;
    private final @Nullable Worker worker;

    /// @param state of the alert when it was sent
    private record Sent(String state, long at) {}

    /// What a receiver said to a test.
    ///
    /// @param trouble null if it took the message
    public record Trial(String receiver, @Nullable String trouble) {}

    private Alerting(
            AlertingConfig config,
            AlertBook book,
            AlertNotices notices,
            AlertSilences silences,
            Clock clock,
            OwnMetrics metrics,
            boolean started) {
        this.config = config;
        this.book = book;
        this.notices = notices;
        this.silences = silences;
        this.clock = clock;
        messages = new Messages(config.externalUrl());
        told =
                metrics.counter(
                        "firn_alert_notices",
                        "Messages about alerts to a receiver",
                        "receiver",
                        "result");
        gauge = metrics.gauge("firn_alerts_firing", "Alerts that fire", "source", "severity");
        for (AlertingConfig.Receiver one : config.alertmanagers()) {
            alertmanagers.add(new HttpReceiver(one, "/api/v2/alerts", clock));
        }
        for (AlertingConfig.Receiver one : config.webhooks()) {
            webhooks.add(new HttpReceiver(one, "", clock));
        }
        for (HttpReceiver one : receivers()) {
            told.initLabelValues(one.name(), "success");
            told.initLabelValues(one.name(), "error");
            sent.put(one, new HashMap<>());
        }
        worker =
                started
                        ? Worker.start(
                                "alerting",
                                () -> {
                                    round();
                                    Thread.sleep(EVERY_MILLIS);
                                })
                        : null;
    }

    /// Starts to tell.
    ///
    /// @throws dev.firn.base.InputException when a file of a receiver's `tls` cannot be used
    public static Alerting start(
            AlertingConfig config,
            AlertBook book,
            AlertNotices notices,
            AlertSilences silences,
            Clock clock,
            OwnMetrics metrics) {
        return new Alerting(config, book, notices, silences, clock, metrics, true);
    }

    /// One that a test drives by [#round].
    static Alerting idle(
            AlertingConfig config,
            AlertBook book,
            AlertNotices notices,
            AlertSilences silences,
            Clock clock,
            OwnMetrics metrics) {
        return new Alerting(config, book, notices, silences, clock, metrics, false);
    }

    private List<HttpReceiver> receivers() {
        var all = new ArrayList<>(alertmanagers);
        all.addAll(webhooks);
        return all;
    }

    /// Tells every receiver what is due.
    synchronized void round() throws InterruptedException {
        long now = clock.millis();
        List<Labelled> firing =
                Labelled.all(
                        book.open().stream().filter(one -> one.state().equals("firing")).toList(),
                        config);
        count(firing);
        var quiet = new Quiet(silences.all(), config.inhibitions(), firing, now);
        List<Labelled> open = firing.stream().filter(this::matters).toList();
        if (!alertmanagers.isEmpty()) {
            List<Labelled> ended = Labelled.all(book.resolved(now - RESOLVED_MILLIS), config);
            for (HttpReceiver one : alertmanagers) {
                alertmanager(one, open, ended, quiet, now);
            }
        }
        for (HttpReceiver one : webhooks) {
            List<Labelled> own = open.stream().filter(one::takes).toList();
            for (Notice notice : due(one.name(), own, quiet, now)) {
                if (one.mayTry() && post(one, messages.forWebhook(one.name(), notice))) {
                    notices.put(one.name(), Notice.key(notice.group()), notice.told());
                }
            }
        }
        if (config.log()) {
            for (Notice notice : due(LOG_NAME, open, quiet, now)) {
                LOG.warn("alert {}", Messages.line(notice));
                notices.put(LOG_NAME, Notice.key(notice.group()), notice.told());
            }
        }
    }

    private boolean matters(Labelled one) {
        return config.severities().contains(one.alert().severity().label());
    }

    private void count(List<Labelled> open) {
        var counts = new HashMap<List<String>, Integer>();
        for (Source source : Source.values()) {
            for (Severity severity : Severity.values()) {
                counts.put(List.of(source.label(), severity.label()), 0);
            }
        }
        open.forEach(one ->
                counts.merge(
                        List.of(one.alert().source().label(), one.alert().severity().label()),
                        1,
                        Integer::sum));
        counts.forEach(
                (key, number) -> gauge.labelValues(key.getFirst(), key.getLast()).set(number));
    }

    private void alertmanager(
            HttpReceiver receiver, List<Labelled> open, List<Labelled> ended, Quiet quiet, long now)
            throws InterruptedException {
        Map<String, Sent> before = Objects.requireNonNull(sent.get(receiver));
        var due = new ArrayList<Labelled>();
        var current = new HashSet<String>();
        for (Labelled one : open) {
            boolean known = before.containsKey(one.id());
            if (receiver.takes(one) && (known || !quiet.test(one))) {
                current.add(one.id());
                if (isDue(before.get(one.id()), one, now)) {
                    due.add(one);
                }
            }
        }
        for (Labelled one : ended) {
            if (receiver.takes(one)) {
                current.add(one.id());
                if (isDue(before.get(one.id()), one, now)) {
                    due.add(one);
                }
            }
        }
        before.keySet().retainAll(current);
        for (int from = 0; from < due.size() && receiver.mayTry(); from += BATCH_MAX) {
            List<Labelled> batch = due.subList(from, Math.min(due.size(), from + BATCH_MAX));
            if (!post(receiver, messages.forAlertmanager(batch, now + 4 * RESEND_MILLIS))) {
                return;
            }
            batch.forEach(one -> before.put(one.id(), new Sent(one.alert().state(), now)));
        }
    }

    private static boolean isDue(@Nullable Sent sent, Labelled one, long now) {
        return sent == null
                || !sent.state.equals(one.alert().state())
                || now - sent.at >= RESEND_MILLIS;
    }

    /// Messages by groups that a receiver is due.
    private List<Notice> due(String receiver, List<Labelled> firing, Quiet quiet, long now) {
        Map<String, Told> known = notices.of(receiver);
        var fires = new HashSet<String>();
        firing.forEach(one -> fires.add(one.id()));
        var gone = new LinkedHashSet<String>();
        known.values().forEach(one -> gone.addAll(one.alerts()));
        gone.removeAll(fires);
        var groups = new LinkedHashMap<Map<String, String>, List<Labelled>>();
        for (Labelled one : firing) {
            groups.computeIfAbsent(one.group(config.groupBy()), group -> new ArrayList<>())
                    .add(one);
        }
        for (Labelled one : Labelled.all(book.byIds(gone), config)) {
            if (!one.firing()) { // else it is no longer this receiver's
                groups.computeIfAbsent(one.group(config.groupBy()), group -> new ArrayList<>())
                        .add(one);
            }
        }
        var due = new ArrayList<Notice>();
        groups.forEach((group, alerts) ->
                Notice.due(group, alerts, known.get(Notice.key(group)), quiet, config, now)
                        .ifPresent(due::add));
        return due;
    }

    private boolean post(HttpReceiver receiver, byte[] json) throws InterruptedException {
        boolean taken = receiver.post(json);
        told.labelValues(receiver.name(), taken ? "success" : "error").inc();
        if (!taken
                && warnings.computeIfAbsent(
                                        receiver.name(), name -> new Throttle(clock, WARN_SECONDS))
                                .permit()
                        >= 0) {
            LOG.warn("{}; it is tried again", receiver.trouble());
        }
        return taken;
    }

    /// What does not work.
    public List<String> troubles() {
        return receivers().stream()
                .map(HttpReceiver::trouble)
                .flatMap(trouble -> Optional.ofNullable(trouble).stream())
                .toList();
    }

    /// Sends every receiver an alert that is none, and its end at once.
    public synchronized List<Trial> tryAll() throws InterruptedException {
        long now = clock.millis();
        var alert =
                new Alert(
                        UUID.randomUUID().toString(),
                        Source.HEALTH,
                        "FirnTest",
                        Severity.INFO,
                        Map.of(),
                        "firing",
                        now,
                        now,
                        now,
                        null,
                        Double.NaN,
                        Double.NaN,
                        "This is a test: somebody asked Firn to send it.",
                        "{}");
        Labelled one = Labelled.of(alert, config);
        var trials = new ArrayList<Trial>();
        for (HttpReceiver receiver : alertmanagers) {
            receiver.post(messages.forAlertmanager(List.of(one), now + RESEND_MILLIS));
            trials.add(new Trial(receiver.name(), receiver.trouble()));
        }
        var notice =
                new Notice(
                        one.group(config.groupBy()), List.of(one), new Told(now, Set.of(one.id())));
        for (HttpReceiver receiver : webhooks) {
            receiver.post(messages.forWebhook(receiver.name(), notice));
            trials.add(new Trial(receiver.name(), receiver.trouble()));
        }
        return trials;
    }

    @Override
    public void close() {
        if (worker != null) {
            worker.close();
        }
        receivers().forEach(HttpReceiver::close);
    }
}
