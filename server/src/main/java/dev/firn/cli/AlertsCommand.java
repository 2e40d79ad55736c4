package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.config.Quantity;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "alerts",
        mixinStandardHelpOptions = true,
        description = "Alerts of a running Firn: what fires, silences, and a test of who is told.",
        footer = {
            "",
            "Examples:",
            "  firn alerts list --state firing",
            "  firn alerts silence 'alertname=\"checkout-latency\"' --for 2h --comment 'INC-42'",
            "  firn alerts test"
        },
        subcommands = {
            AlertsCommand.Listing.class,
            AlertsCommand.Silences.class,
            AlertsCommand.Silencing.class,
            AlertsCommand.Unsilence.class,
            AlertsCommand.Test.class
        })
final class AlertsCommand {
    private static final String PATH = "/api/firn/v1/alerts";

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "Lists the newest alerts (1000 at most), tab-separated.",
                "Exit 0 whatever fires; all alerts are in the table alerts."
            },
            footer = {"", "Example:", "  firn alerts list --state firing"})
    static final class Listing implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Option(
                names = "--state",
                paramLabel = "STATE",
                description = "Only those that are pending, firing or resolved.")
        private String state = "";

        @Override
        public Integer call() {
            if (!List.of("", "pending", "firing", "resolved").contains(state)) {
                throw new InputException(
                        "--state \"" + state + "\" is none of pending, firing, resolved");
            }
            Tsv.print(
                    instance.running("list alerts")
                            .get(PATH + (state.isEmpty() ? "" : "?state=" + state))
                            .path("alerts"),
                    "state",
                    "severity",
                    "source",
                    "started_at",
                    "rule",
                    "subject",
                    "summary");
            return 0;
        }
    }

    @Command(
            name = "silences",
            mixinStandardHelpOptions = true,
            description =
                    "Lists the silences, those that ended in the last week, too, tab-separated.",
            footer = {"", "Example:", "  firn alerts silences"})
    static final class Silences implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Override
        public Integer call() {
            Tsv.print(
                    instance.running("list silences").get(PATH + "/silences").path("silences"),
                    "id",
                    "state",
                    "from",
                    "to",
                    "matchers",
                    "comment");
            return 0;
        }
    }

    @Command(
            name = "silence",
            mixinStandardHelpOptions = true,
            description = {
                "Has nobody told of alerts that all matchers fit, for a time: name=\"value\", !=, =~ and !~ on",
                "labels (alertname, source, severity and the subject's). The alerts go on in the table alerts."
            },
            footer = {
                "",
                "Examples:",
                "  firn alerts silence 'source=\"health\"' --for 30m --comment upgrade",
                "  firn alerts silence 'service_name=~\"shop|cart\"' 'severity!=\"page\"' --to 2026-11-28T06:00:00Z"
            })
    static final class Silencing implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Parameters(
                arity = "1..*",
                paramLabel = "MATCHER",
                description = "Such as severity=\"page\".")
        private List<String> matchers = List.of();

        @Option(
                names = "--from",
                paramLabel = "TIME",
                description = "Such as 2026-11-28T06:00:00Z (default: now).")
        private String from = "";

        @Option(names = "--to", paramLabel = "TIME", description = "Its end.")
        private String to = "";

        @Option(
                names = "--for",
                paramLabel = "DURATION",
                description = "Instead of its end how long it lasts: 30m, 2h, 3d.")
        private String lasts = "";

        @Option(names = "--comment", paramLabel = "TEXT", description = "For people.")
        private String comment = "";

        @Override
        public Integer call() {
            if (to.isEmpty() == lasts.isEmpty()) {
                throw new InputException("give --to or --for, one of them");
            }
            var parameters = new LinkedHashMap<String, String>();
            parameters.put("matchers", String.join("\n", matchers));
            if (!from.isEmpty()) {
                parameters.put("from", from);
            }
            parameters.put("to", to.isEmpty() ? begin().plus(duration()).toString() : to);
            parameters.put("comment", comment);
            return instance.ask("silence alerts", PATH + "/silence", parameters);
        }

        private Instant begin() {
            try {
                return from.isEmpty() ? Instant.now() : Instant.parse(from);
            } catch (DateTimeParseException e) {
                throw new InputException(
                        "--from \"" + from + "\" is no time like 2026-11-28T06:00:00Z");
            }
        }

        private Duration duration() {
            try {
                return Duration.ofNanos(Quantity.nanos(lasts));
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw new InputException(
                        "--for \"" + lasts + "\" is no duration like 30m, 2h or 3d");
            }
        }
    }

    @Command(
            name = "unsilence",
            mixinStandardHelpOptions = true,
            description = "Takes a silence away; firn alerts silences has their numbers.",
            footer = {"", "Example:", "  firn alerts unsilence 3"})
    static final class Unsilence implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Parameters(paramLabel = "NUMBER", description = "Of the silence.")
        private long id;

        @Override
        public Integer call() {
            return instance.ask(
                    "unsilence alerts", PATH + "/unsilence", Map.of("id", Long.toString(id)));
        }
    }

    @Command(
            name = "test",
            mixinStandardHelpOptions = true,
            description = {
                "Sends each Alertmanager and webhook of the configuration a test alert, and says how it went.",
                "Exit 0 if all took it, 1 if one did not or there is none."
            },
            footer = {"", "Example:", "  firn alerts test"})
    static final class Test implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Override
        public Integer call() {
            JsonNode receivers =
                    instance.running("send a test")
                            .task(PATH + "/test", Map.of(), line -> {})
                            .path("receivers");
            if (receivers.isEmpty()) {
                System.err.println(
                        "nobody is told of alerts: write alerting.alertmanagers or alerting.webhooks"
                                + " into the configuration");
                return 1;
            }
            int failed = 0;
            for (JsonNode one : receivers) {
                String trouble = one.path("trouble").asString("");
                failed += trouble.isEmpty() ? 0 : 1;
                System.out.println(
                        one.path("receiver").asString()
                                + "\t"
                                + (trouble.isEmpty() ? "ok" : trouble));
            }
            return failed == 0 ? 0 : 1;
        }
    }
}
