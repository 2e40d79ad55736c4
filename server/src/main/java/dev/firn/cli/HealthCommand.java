package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.ops.health.Section;
import dev.firn.ops.health.State;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
        name = "health",
        mixinStandardHelpOptions = true,
        description = "Says whether a running Firn is well: state, figure, limit, what to do.",
        exitCodeOnInvalidInput = HealthCommand.WRONG_USE,
        footer = {
            "",
            "Exit codes: 0 healthy (also while no data came yet), 1 a warning, 2 critical or no Firn"
                    + " there,",
            "64 wrong use.",
            "",
            "Examples:",
            "  firn health",
            "  firn health --watch",
            "  firn health --format tsv --url http://10.0.0.7:8080 | grep -v ok"
        })
final class HealthCommand implements Callable<Integer> {
    /// As sysexits.h has it; 2 means critical here.
    static final int WRONG_USE = 64;

    private static final int UNREACHABLE = 2;
    private static final long WATCH_MILLIS = 2_000;

    private enum Format {
        TEXT,
        TSV,
        JSON
    }

    @Mixin private final InstanceOption instance = new InstanceOption();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "text (default), tsv or json.")
    private Format format = Format.TEXT;

    @Option(names = "--watch", description = "Ask every two seconds until Ctrl-C.")
    private boolean watch;

    @Override
    public Integer call() throws InterruptedException {
        try {
            Remote remote = instance.running("ask for the health of what lies");
            int exit = show(remote);
            while (watch) {
                Thread.sleep(WATCH_MILLIS);
                exit = show(remote);
            }
            return exit;
        } catch (InputException e) {
            System.err.println("firn: " + e.getMessage());
            return WRONG_USE;
        } catch (WorldException e) {
            System.err.println("firn: " + e.getMessage());
            return UNREACHABLE;
        }
    }

    private int show(Remote remote) {
        JsonNode health = remote.getAnyState("/health");
        if (watch && format == Format.TEXT) {
            System.out.print(System.console() == null ? "" : "\033[H\033[2J");
        }
        switch (format) {
            case JSON -> System.out.println(health);
            case TSV ->
                    Tsv.print(
                            health.path("checks"),
                            "section",
                            "id",
                            "state",
                            "since",
                            "figure",
                            "limit",
                            "advice");
            case TEXT -> text(health);
        }
        return Arrays.stream(State.values())
                .filter(state -> state.label().equals(health.path("state").asString("")))
                .findFirst()
                .map(State::exitCode)
                .orElse(UNREACHABLE);
    }

    private static void text(JsonNode health) {
        var colours = CommandLine.Help.Ansi.AUTO;
        int number = 0;
        for (Section section : Section.values()) {
            String name = section.name().toLowerCase(Locale.ROOT);
            boolean titled = false;
            for (JsonNode check : health.path("checks")) {
                if (!check.path("section").asString("").equals(name)) {
                    continue;
                }
                if (!titled) {
                    titled = true;
                    number++;
                    System.out.println(number + ". " + section.title());
                }
                System.out.println(line(check, colours));
            }
        }
        System.out.println(
                colours.string(
                        coloured(health.path("state").asString(""))
                                + "  at "
                                + health.path("at").asString("")));
    }

    private static String line(JsonNode check, CommandLine.Help.Ansi colours) {
        String state = check.path("state").asString("");
        boolean bad = state.equals("warning") || state.equals("critical");
        String head =
                colours.string("  " + coloured(state))
                        + " ".repeat(Math.max(1, 10 - state.length()))
                        + check.path("id").asString("")
                        + ": "
                        + check.path("figure").asString("");
        return bad
                ? head
                        + " (limit "
                        + check.path("limit").asString("")
                        + "; since "
                        + check.path("since").asString("")
                        + ")\n            "
                        + check.path("advice").asString("")
                : head;
    }

    private static String coloured(String state) {
        return switch (state) {
            case "ok" -> "@|green ok|@";
            case "warning" -> "@|yellow warning|@";
            case "critical" -> "@|bold,red critical|@";
            default -> state;
        };
    }
}
