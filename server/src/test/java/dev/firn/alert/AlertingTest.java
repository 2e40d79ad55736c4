package dev.firn.alert;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import dev.firn.base.Clock;
import dev.firn.base.Forall;
import dev.firn.base.OwnMetrics;
import dev.firn.config.AlertingConfig;
import dev.firn.config.AlertingConfig.Inhibition;
import dev.firn.config.AlertingConfig.Receiver;
import dev.firn.config.LabelMatch;
import dev.firn.query.AlertBook;
import dev.firn.query.AlertBook.Alert;
import dev.firn.query.AlertBook.Decision;
import dev.firn.query.AlertBook.Severity;
import dev.firn.query.AlertBook.Source;
import dev.firn.query.AlertNotices;
import dev.firn.query.AlertSilences;
import dev.firn.query.AlertSilences.Silence;
import dev.firn.query.StateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AlertingTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long WAIT = 30_000;
    private static final long INTERVAL = 300_000;
    private static final long REPEAT = 3_600_000;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @TempDir Path data;

    /// A receiver that takes what it wants.
    private static final class Post implements AutoCloseable {
        final List<JsonNode> taken = new ArrayList<>();
        final List<String> paths = new ArrayList<>();
        private final HttpServer server;
        BooleanSupplier takes = () -> true;

        Post() {
            try {
                server =
                        HttpServer.create(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            server.createContext(
                    "/",
                    exchange -> {
                        JsonNode body = MAPPER.readTree(exchange.getRequestBody().readAllBytes());
                        boolean good = takes.getAsBoolean();
                        if (good) {
                            taken.add(body);
                            paths.add(exchange.getRequestURI().getPath());
                        }
                        exchange.sendResponseHeaders(good ? 200 : 500, -1);
                        exchange.close();
                    });
            server.start();
        }

        Receiver receiver(String name, String... matchers) {
            return new Receiver(
                    name,
                    URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                    Map.of(),
                    10 * SECOND,
                    Optional.empty(),
                    java.util.Arrays.stream(matchers).map(LabelMatch::parse).toList());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private static final class Watch implements Clock {
        private long nanos = 1_764_000_000L * SECOND;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long ticks() {
            return nanos;
        }
    }

    private final Watch clock = new Watch();
    private final Post alertmanager = new Post();
    private final Post webhook = new Post();
    private boolean log;
    private final List<Alerting> started = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private AlertBook book;

    @SuppressWarnings("NullAway.Init")
    private AlertSilences silences;

    @SuppressWarnings("NullAway.Init")
    private Alerting alerting;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void open() {
        folder = data;
        start(List.of(), List.of());
    }

    @AfterEach
    void close() {
        started.forEach(Alerting::close);
        alertmanager.close();
        webhook.close();
    }

    /// A start, after whatever was.
    private void start(List<Receiver> alertmanagers, List<Receiver> webhooks, Inhibition... rules) {
        var config =
                new AlertingConfig(
                        "http://firn.example/",
                        Map.of("cluster", "eu"),
                        List.of("page", "ticket"),
                        List.of("alertname"),
                        WAIT * 1_000_000,
                        INTERVAL * 1_000_000,
                        REPEAT * 1_000_000,
                        0,
                        log,
                        alertmanagers,
                        webhooks,
                        List.of(rules));
        StateFile state = StateFile.open(folder);
        book = new AlertBook(state, null);
        silences = new AlertSilences(state);
        alerting =
                Alerting.idle(
                        config, book, new AlertNotices(state), silences, clock, new OwnMetrics());
        started.add(alerting);
    }

    private static Decision decision(String rule, Severity severity, String service, long since) {
        return new Decision(
                rule,
                severity,
                Map.of("service.name", service),
                since,
                3,
                2,
                rule + " of " + service,
                "{}");
    }

    private void decide(Decision... holding) throws InterruptedException {
        book.decide(Source.SLO, List.of(holding), clock.millis());
    }

    private void pass(long millis) throws InterruptedException {
        for (long end = clock.nanos + millis * 1_000_000; clock.nanos < end; ) {
            clock.nanos = Math.min(end, clock.nanos + 5 * SECOND);
            alerting.round();
        }
    }

    @Test
    void anAlertmanagerIsToldAgainAndAgainAndOfTheEnd() throws InterruptedException {
        start(List.of(alertmanager.receiver("one")), List.of());
        long since = clock.millis() - 7_000;
        decide(decision("latency", Severity.PAGE, "shop", since));
        alerting.round();
        assertThat(alertmanager.paths).containsExactly("/api/v2/alerts");
        JsonNode alert = alertmanager.taken.getFirst().get(0);
        assertThat(alert.get("labels"))
                .isEqualTo(
                        MAPPER.readTree(
                                """
                                {"alertname":"latency","cluster":"eu","service_name":"shop",
                                 "severity":"page","source":"slo"}
                                """));
        assertThat(alert.get("startsAt").asString())
                .isEqualTo(Instant.ofEpochMilli(since).toString());
        assertThat(Instant.parse(alert.get("endsAt").asString()).toEpochMilli())
                .isGreaterThan(clock.millis() + 120_000);
        assertThat(alert.at("/annotations/summary").asString()).isEqualTo("latency of shop");
        assertThat(alert.get("generatorURL").asString())
                .startsWith("http://firn.example/api/firn/v1/alerts?id=");
        pass(60_000);
        assertThat(alertmanager.taken).hasSize(2);
        decide();
        long ended = clock.millis();
        pass(5_000);
        alert = alertmanager.taken.getLast().get(0);
        assertThat(alertmanager.taken).hasSize(3);
        assertThat(alert.get("endsAt").asString())
                .isEqualTo(Instant.ofEpochMilli(ended).toString());
        start(List.of(alertmanager.receiver("one")), List.of()); // it may not have had the end
        alerting.round();
        assertThat(alertmanager.taken).hasSize(4);
        pass(3_600_000);
        int after = alertmanager.taken.size();
        assertThat(after).isBetween(15, 25); // a quarter of an hour of ends, one a minute
        pass(3_600_000);
        assertThat(alertmanager.taken).hasSize(after);
    }

    @Test
    void aFailedMessageIsSentLater() throws InterruptedException {
        start(List.of(alertmanager.receiver("one")), List.of(webhook.receiver("two")));
        alertmanager.takes = () -> false;
        webhook.takes = () -> false;
        decide(decision("latency", Severity.PAGE, "shop", clock.millis()));
        pass(120_000);
        assertThat(alerting.troubles())
                .hasSize(2)
                .allMatch(one -> one.contains("status 500") && one.contains("127.0.0.1"));
        alertmanager.takes = () -> true;
        webhook.takes = () -> true;
        pass(120_000);
        assertThat(alertmanager.taken).isNotEmpty();
        assertThat(webhook.taken).hasSize(1);
        assertThat(alerting.troubles()).isEmpty();
    }

    @Test
    void eachOfSeveralAlertmanagersIsToldWhateverTheOthersDo() throws InterruptedException {
        try (var other = new Post()) {
            start(List.of(alertmanager.receiver("one"), other.receiver("two")), List.of());
            alertmanager.takes = () -> false;
            decide(decision("latency", Severity.PAGE, "shop", clock.millis()));
            alerting.round();
            assertThat(other.taken).hasSize(1);
            assertThat(alertmanager.taken).isEmpty();
            alertmanager.takes = () -> true;
            pass(120_000);
            decide();
            String ended = Instant.ofEpochMilli(clock.millis()).toString();
            pass(5_000);
            for (Post one : List.of(alertmanager, other)) {
                assertThat(one.taken.getLast().get(0).get("endsAt").asString()).isEqualTo(ended);
            }
        }
    }

    @Test
    void theLogTellsOfABeginAndAnEnd() throws InterruptedException {
        var logger = (Logger) LoggerFactory.getLogger(Alerting.class);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        logger.addAppender(lines);
        try {
            log = true;
            start(List.of(), List.of());
            decide(decision("latency", Severity.PAGE, "shop", clock.millis()));
            pass(60_000);
            decide();
            pass(2 * INTERVAL);
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .hasSize(2)
                .allMatch(line -> line.startsWith("alert ") && line.contains("latency"));
    }

    @Test
    void whoIsSilencedOrInhibitedIsNotTold() throws InterruptedException {
        var rule =
                new Inhibition(
                        List.of(LabelMatch.parse("severity=\"page\"")),
                        List.of(LabelMatch.parse("severity=\"ticket\"")),
                        List.of("service_name"));
        start(
                List.of(alertmanager.receiver("one")),
                List.of(webhook.receiver("two", "alertname!=\"other\"")),
                rule);
        long now = clock.millis();
        long silence =
                silences.add(
                        new Silence(
                                0,
                                List.of(LabelMatch.parse("service_name=~\"ca.*\"")),
                                now,
                                now + 7_200_000,
                                "",
                                now));
        decide(
                decision("fast", Severity.PAGE, "shop", now),
                decision("slow", Severity.TICKET, "shop", now),
                decision("slow", Severity.TICKET, "mail", now),
                decision("fast", Severity.PAGE, "cart", now),
                decision("other", Severity.PAGE, "mall", now),
                decision("fast", Severity.INFO, "mail", now));
        pass(WAIT);
        assertThat(summaries(alertmanager.taken.getFirst(), "firing"))
                .containsExactlyInAnyOrder("fast of shop", "slow of mail", "other of mall");
        assertThat(
                        webhook.taken.stream()
                                .flatMap(one -> summaries(one.get("alerts"), "firing").stream()))
                .containsExactlyInAnyOrder("fast of shop", "slow of mail");
        webhook.taken.clear();
        silences.remove(silence);
        decide(
                decision("slow", Severity.TICKET, "shop", now),
                decision("slow", Severity.TICKET, "mail", now),
                decision("fast", Severity.PAGE, "cart", now));
        pass(INTERVAL);
        assertThat(webhook.taken)
                .extracting(one -> one.get("status").asString())
                .containsExactlyInAnyOrder("firing", "firing");
        var all = new HashSet<String>();
        webhook.taken.forEach(one -> all.addAll(summaries(one.get("alerts"))));
        assertThat(all)
                .containsExactlyInAnyOrder(
                        "fast of shop", "slow of mail", "slow of shop", "fast of cart");
    }

    private static List<String> summaries(JsonNode alerts) {
        return summaries(alerts, "");
    }

    /// @param status empty: whatever it is
    private static List<String> summaries(JsonNode alerts, String status) {
        var all = new ArrayList<String>();
        for (JsonNode one : alerts) {
            String its = one.path("status").asString("firing");
            if (status.isEmpty() || status.equals(its)) {
                all.add(one.at("/annotations/summary").asString());
            }
        }
        return all;
    }

    /// Alerts come and go, the receiver and Firn fail at random: in the end the receiver knows of
    /// each alert that lasted what the book knows, was told of its end once, and was not told more
    /// often than the configuration allows.
    @Test
    void aReceiverKnowsWhatTheBookKnows() {
        Forall.of(30, 5, this::oneLife);
    }

    private void oneLife(Random random) {
        try {
            webhook.taken.clear();
            folder = Files.createTempDirectory(data, "life");
            List<Receiver> receivers = List.of(webhook.receiver("two"));
            start(List.of(), receivers);
            webhook.takes = () -> random.nextInt(3) > 0;
            Set<String> holding = new HashSet<>();
            var sentAt = new HashMap<String, Long>();
            var known = new HashMap<String, String>();
            var ends = new HashMap<String, Integer>();
            int seen = 0;
            for (int round = 0; round < 400; round++) {
                if (random.nextInt(10) == 0 && round < 200) {
                    String name = "r" + random.nextInt(2) + " s" + random.nextInt(4);
                    if (!holding.remove(name)) {
                        holding.add(name);
                    }
                    decide(
                            holding.stream()
                                    .map(one ->
                                            decision(
                                                    one.split(" ")[0],
                                                    Severity.PAGE,
                                                    one.split(" ")[1],
                                                    clock.millis()))
                                    .toArray(Decision[]::new));
                }
                if (random.nextInt(20) == 0) {
                    start(List.of(), receivers);
                }
                if (round > 300) {
                    webhook.takes = () -> true;
                }
                clock.nanos += random.nextInt(1, 60) * SECOND;
                alerting.round();
                for (; seen < webhook.taken.size(); seen++) {
                    JsonNode message = webhook.taken.get(seen);
                    String group = message.get("groupKey").asString();
                    assertThat(clock.millis() - sentAt.getOrDefault(group, 0L))
                            .isGreaterThanOrEqualTo(INTERVAL);
                    if (message.get("status").asString().equals("firing")) {
                        sentAt.put(group, clock.millis());
                    } else {
                        sentAt.remove(group); // the next one is a new group
                    }
                    for (JsonNode alert : message.get("alerts")) {
                        String id = alert.get("fingerprint").asString();
                        String status = alert.get("status").asString();
                        known.put(id, status);
                        if (status.equals("resolved")) {
                            ends.merge(id, 1, Integer::sum);
                        }
                    }
                }
            }
            assertThat(ends.values()).allMatch(one -> one == 1);
            for (Alert alert : book.newest(1_000)) {
                if (alert.state().equals("firing")) {
                    assertThat(known).containsEntry(alert.id(), "firing");
                } else {
                    assertThat(known.getOrDefault(alert.id(), "resolved")).isEqualTo("resolved");
                }
            }
            assertThat(known).isNotEmpty();
        } catch (InterruptedException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTestSaysWhoTookIt() throws InterruptedException {
        start(List.of(alertmanager.receiver("one")), List.of(webhook.receiver("two")));
        webhook.takes = () -> false;
        List<Alerting.Trial> trials = alerting.tryAll();
        assertThat(trials).extracting(Alerting.Trial::receiver).containsExactly("one", "two");
        assertThat(trials.getFirst().trouble()).isNull();
        assertThat(trials.getLast().trouble()).contains("status 500");
        assertThat(alertmanager.taken.getFirst().get(0).at("/labels/alertname").asString())
                .isEqualTo("FirnTest");
    }
}
