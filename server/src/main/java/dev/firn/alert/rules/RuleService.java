package dev.firn.alert.rules;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.config.RulesConfig;
import dev.firn.query.AlertBook;
import dev.firn.query.AlertBook.Alert;
import dev.firn.query.AlertBook.Source;
import dev.firn.query.promql.eval.QueryEngine;
import dev.firn.query.promql.eval.QueryOptions;
import dev.firn.query.promql.lang.Features;
import io.prometheus.metrics.core.metrics.Counter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Evaluates the shipped rules over Firn's own metrics, and the files' over these and all that is
/// stored. Alerts go into the book, by which they also go on after a restart.
public final class RuleService implements AutoCloseable {
    /// The file that Firn ships.
    public static final String SHIPPED = "prometheus-rules.yml";

    private static final Logger LOG = LoggerFactory.getLogger(RuleService.class);
    private static final long TICK_MILLIS = 1_000;
    private static final long SCRAPE_MILLIS = 15_000;

    /// What shipped rules see is in memory: after a start it reaches as far back as most of them
    /// look only so much later.
    private static final long GRACE_MILLIS = 20 * 60_000;

    private static final int GROUPS_MAX = 1_000;

    private final RulesConfig config;
    private final AlertBook book;
    private final RuleStore store;
    private final Own own;
    private final Clock clock;
    private final Counter evaluations;
    private final Counter missed;
    private final OwnSeries series;
    private final List<Scheduled> shipped = new ArrayList<>();
    private final List<Scheduled> others = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();
    private long scrapedAt = Long.MAX_VALUE; // not yet

    /// What Firn says of itself.
    ///
    /// @param page its metrics, in text format
    /// @param up which of the jobs of `config/prometheus.yml` would find their target
    /// @param instance the writer's id
    public record Own(Supplier<byte[]> page, Supplier<Map<String, Boolean>> up, String instance) {}

    /// A group with its last evaluation.
    public record GroupStatus(
            RuleGroup group,
            long intervalMillis,
            long evaluatedAt,
            long nanos,
            List<RuleStatus> rules) {
        public GroupStatus {
            rules = List.copyOf(rules);
        }
    }

    private static final class Scheduled {
        private final GroupRun run;
        private final Asking asking;
        private final long intervalMillis;
        private long last;
        private volatile GroupStatus status;

        private Scheduled(GroupRun run, Asking asking, long intervalMillis, long now) {
            this.run = run;
            this.asking = asking;
            this.intervalMillis = intervalMillis;
            this.last = slot(now);
            this.status = new GroupStatus(run.group(), intervalMillis, 0, 0, run.status());
        }

        private long slot(long now) {
            return now - Math.floorMod(now, intervalMillis);
        }
    }

    private RuleService(
            RulesConfig config,
            AlertBook book,
            RuleStore store,
            Own own,
            Clock clock,
            OwnMetrics metrics) {
        this.config = config;
        this.book = book;
        this.store = store;
        this.own = own;
        this.clock = clock;
        series =
                new OwnSeries(
                        Map.of(
                                "job", "otel-collector",
                                "instance", own.instance(),
                                "data_plane", "local"));
        evaluations =
                metrics.counter(
                        "firn_rules_evaluations", "Evaluations of rules by result.", "result");
        missed =
                metrics.counter(
                        "firn_rules_missed",
                        "Evaluations of groups that were left out because the one before took too"
                                + " long.");
        evaluations.initLabelValues("ok");
        evaluations.initLabelValues("err");
    }

    /// Reads all rules and takes up the alerts of the last run.
    ///
    /// @param externalLabels known to templates
    /// @param features of expressions in files
    /// @throws InputException with all mistakes of the files
    public static RuleService open(
            RulesConfig config,
            Map<String, String> externalLabels,
            String externalUrl,
            Features features,
            AlertBook book,
            RuleStore store,
            Own own,
            Clock clock,
            OwnMetrics metrics) {
        var service = new RuleService(config, book, store, own, clock, metrics);
        service.read(externalLabels, externalUrl, features);
        service.restore();
        return service;
    }

    private void read(Map<String, String> labels, String url, Features features) {
        var problems = new ArrayList<String>();
        long now = clock.millis();
        if (config.shipped()) {
            var options = QueryOptions.DEFAULT;
            var engine = new QueryEngine(options, clock::ticks);
            Asking asking = (expr, time) -> engine.instant(expr, time, series, () -> false);
            for (RuleGroup group :
                    RuleFile.parse(SHIPPED, shippedText(), options.features(), problems).groups()) {
                shipped.add(scheduled(group, asking, labels, url, now));
            }
        }
        Asking asking = (expr, time) -> store.instant(expr, time, series);
        for (String pattern : config.files()) {
            List<Path> files = RuleFiles.matching(Path.of(pattern));
            if (files.isEmpty()) {
                problems.add("rules.files: \"" + pattern + "\" names no file");
            }
            for (Path file : files) {
                String text = RuleFiles.text(file);
                for (RuleGroup group :
                        RuleFile.parse(file.toString(), text, features, problems).groups()) {
                    others.add(scheduled(group, asking, labels, url, now));
                }
            }
        }
        if (others.size() > GROUPS_MAX) {
            problems.add("rules.files: there are more than " + GROUPS_MAX + " groups");
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
    }

    private Scheduled scheduled(
            RuleGroup group, Asking asking, Map<String, String> labels, String url, long now) {
        long interval =
                group.intervalMillis() == 0
                        ? config.intervalNanos() / 1_000_000
                        : group.intervalMillis();
        return new Scheduled(new GroupRun(group, labels, url, clock::ticks), asking, interval, now);
    }

    private static String shippedText() {
        try (InputStream in = RuleService.class.getResourceAsStream("/rules/" + SHIPPED)) {
            return new String(
                    Objects.requireNonNull(in, SHIPPED).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void restore() {
        List<Alert> open = book.open(Source.RULE);
        long now = clock.millis();
        for (Alert alert : open) {
            for (Scheduled one : all()) {
                long until = shipped.contains(one) ? now + GRACE_MILLIS : 0;
                if (one.run.restore(
                        RuleAlerts.restored(alert, now), RuleAlerts.place(alert), until)) {
                    one.status =
                            new GroupStatus(
                                    one.run.group(), one.intervalMillis, 0, 0, one.run.status());
                    break;
                }
            }
        }
    }

    private List<Scheduled> all() {
        var all = new ArrayList<>(shipped);
        all.addAll(others);
        return all;
    }

    /// Starts to evaluate, in two threads so that no slow query delays the alerts about Firn.
    public void start() {
        if (!shipped.isEmpty() || !others.isEmpty()) {
            workers.add(
                    Worker.start(
                            "rules-own",
                            () -> {
                                scrape();
                                round(shipped);
                                Thread.sleep(TICK_MILLIS);
                            }));
        }
        if (!others.isEmpty()) {
            workers.add(
                    Worker.start(
                            "rules",
                            () -> {
                                round(others);
                                Thread.sleep(TICK_MILLIS);
                            }));
        }
    }

    /// One round of all, for a test.
    void round() throws InterruptedException {
        scrape();
        round(shipped);
        round(others);
    }

    private void scrape() {
        long now = clock.millis();
        if (now - scrapedAt >= SCRAPE_MILLIS || now < scrapedAt) {
            series.scrape(own.page().get(), own.up().get(), now);
            scrapedAt = now;
        }
    }

    private void round(List<Scheduled> groups) throws InterruptedException {
        boolean evaluated = false;
        for (Scheduled one : groups) {
            long slot = one.slot(clock.millis());
            if (slot < one.last) {
                one.last = slot - one.intervalMillis; // the clock was set back
            }
            if (slot > one.last) {
                missed.inc((slot - one.last) / one.intervalMillis - 1);
                one.last = slot;
                evaluate(one, slot);
                evaluated = true;
            }
        }
        if (evaluated) {
            decide();
        }
    }

    private void evaluate(Scheduled one, long time) {
        List<RuleStatus> before = one.status.rules();
        long began = clock.ticks();
        one.run.evaluate(time, one.asking, this::keep);
        List<RuleStatus> rules = one.run.status();
        one.status =
                new GroupStatus(
                        one.run.group(), one.intervalMillis, time, clock.ticks() - began, rules);
        for (int i = 0; i < rules.size(); i++) {
            RuleStatus rule = rules.get(i);
            evaluations.labelValues(rule.health()).inc();
            if (!rule.error().isEmpty() && before.get(i).error().isEmpty()) {
                LOG.warn(
                        "cannot evaluate rule {} of group {} in {}: {}; it is tried again each time",
                        rule.rule().name(),
                        one.run.group().name(),
                        one.run.group().file(),
                        rule.error());
            }
        }
    }

    private void keep(Rule rule, List<Outcome> outcomes, List<Outcome> ended) {
        switch (rule) {
            case Rule.Alerting _ -> {
                outcomes.forEach(one ->
                        series.memory().append(one.labels(), one.timeMillis(), one.value(), null));
                ended.forEach(one -> series.memory().end(one.labels(), one.timeMillis()));
            }
            case Rule.Recording _ -> {
                var all = new ArrayList<>(outcomes);
                all.addAll(ended);
                if (!all.isEmpty()) {
                    store.record(all);
                }
            }
        }
    }

    /// All alerts of all groups, since the book takes what is missing for ended.
    private synchronized void decide() throws InterruptedException {
        var decisions = new LinkedHashMap<List<Object>, AlertBook.Decision>();
        for (GroupStatus group : groups()) {
            for (RuleStatus rule : group.rules()) {
                for (ActiveAlert alert : rule.alerts()) {
                    AlertBook.Decision one = RuleAlerts.decision(group.group(), rule.rule(), alert);
                    // as for an Alertmanager, alerts with equal labels are one
                    decisions.merge(
                            List.of(one.rule(), one.severity(), one.subject()),
                            one,
                            (a, b) -> a.pending() <= b.pending() ? a : b);
                }
            }
        }
        try {
            if (!decisions.isEmpty() || !book.open(Source.RULE).isEmpty()) {
                store.decide(List.copyOf(decisions.values()), clock.millis());
            }
        } catch (WorldException e) {
            LOG.warn("cannot keep what rules decided: {}; it is tried again", e.getMessage());
        }
    }

    /// What a replay did.
    public record Replayed(int rules, long samples) {}

    /// Records what the files' recording rules would have recorded, had they been evaluated.
    ///
    /// @param group name of the groups; empty for all
    /// @throws InputException if there is no such rule
    /// @throws QueryException or WorldException where a rule cannot be evaluated or stored
    public Replayed replay(
            long fromMillis, long toMillis, String group, Consumer<String> progress) {
        if (toMillis < fromMillis || toMillis > clock.millis()) {
            throw new InputException("to is before from, or in the future");
        }
        var replay = new RuleReplay(store);
        int rules = 0;
        for (Scheduled one : others) {
            RuleGroup of = one.run.group();
            if (!group.isEmpty() && !group.equals(of.name())) {
                continue;
            }
            for (Rule rule : of.rules()) {
                if (rule instanceof Rule.Recording recording) {
                    progress.accept(of.name() + ": " + rule.name());
                    long step = one.intervalMillis;
                    long first = Math.ceilDiv(fromMillis, step) * step;
                    replay.run(recording, of, step, first, toMillis);
                    rules++;
                }
            }
        }
        if (rules == 0) {
            throw new InputException(
                    "there is no recording rule"
                            + (group.isEmpty() ? "" : " in a group \"" + group + "\"")
                            + " in rules.files");
        }
        return new Replayed(rules, replay.samples());
    }

    /// All groups, the shipped ones first.
    public List<GroupStatus> groups() {
        return all().stream().map(one -> one.status).toList();
    }

    @Override
    public void close() {
        workers.forEach(Worker::close);
    }
}
