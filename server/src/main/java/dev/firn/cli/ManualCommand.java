package dev.firn.cli;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Writes a manual page for each command, from what `--help` says; `firn package` calls it.
@Command(
        name = "generate-manual",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Writes a manual page for each command into a folder.",
        footer = {"", "Example:", "  firn generate-manual man/man1"})
final class ManualCommand implements Callable<Integer> {
    private static final int WIDTH = 76;

    @SuppressWarnings("NullAway.Init")
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FOLDER", description = "Where to write.")
    private Path folder = Path.of("man1");

    @Override
    public Integer call() {
        try {
            Files.createDirectories(folder);
            write(spec.root().commandLine().setUsageHelpWidth(WIDTH));
        } catch (IOException e) {
            throw new WorldException("cannot write manual pages to " + folder + ": " + e);
        }
        return 0;
    }

    private void write(CommandLine line) throws IOException {
        Files.writeString(folder.resolve(name(line) + ".1"), page(line));
        for (CommandLine each : line.getSubcommands().values()) {
            if (!each.getCommandSpec().usageMessage().hidden()) {
                write(each);
            }
        }
    }

    private static String page(CommandLine line) {
        Help help = new Help(line.getCommandSpec(), Help.defaultColorScheme(Ansi.OFF));
        String about = help.description().strip();
        var page = new StringBuilder();
        page.append(".TH ")
                .append(name(line).toUpperCase(java.util.Locale.ROOT))
                .append(" 1 \"\" \"firn ");
        page.append(Version.current().firn()).append("\"\n.SH NAME\n");
        page.append(escaped(name(line) + " - " + about.replaceAll("\\s+", " "))).append('\n');
        section(page, "SYNOPSIS", help.synopsis(0));
        section(page, "ARGUMENTS", help.parameterList());
        section(page, "OPTIONS", help.optionList());
        section(page, "COMMANDS", help.commandList());
        section(page, "NOTES", help.footer());
        return page.toString();
    }

    private static void section(StringBuilder page, String title, String text) {
        if (!text.isBlank()) {
            page.append(".SH ").append(title).append("\n.nf\n");
            page.append(escaped(text.stripTrailing().replaceFirst("^\n+", ""))).append("\n.fi\n");
        }
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replaceAll("(?m)^([.'])", "\\\\&$1");
    }

    private static String name(CommandLine line) {
        return line.getCommandSpec().qualifiedName("-");
    }
}
