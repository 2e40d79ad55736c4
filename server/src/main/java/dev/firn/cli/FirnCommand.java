package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/// The program `firn`: parses, runs one command, turns exceptions into one message and an exit
/// code.
@Command(
        name = "firn",
        mixinStandardHelpOptions = true,
        description =
                "OpenTelemetry metrics kept for years in Iceberg tables, with fast answers over them.",
        footer = {
            "",
            "`firn test` builds and runs every test, `firn package` makes a distribution (launcher only).",
            "",
            "Examples:",
            "  firn demo                       a week of history, then live, and questions to ask",
            "  firn serve --config firn.yaml   the real thing",
            "  firn sql \"SELECT count() FROM samples\"",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong use."
        })
public final class FirnCommand {
    /// Examples must stay on their line, so that they can be copied.
    static final int HELP_WIDTH = 100;

    private FirnCommand() {}

    /// Runs a command line and returns its exit code.
    public static int run(Starter starter, String... arguments) {
        var line = new CommandLine(new FirnCommand());
        line.addSubcommand(new ServeCommand(starter));
        line.addSubcommand(new DemoCommand(starter));
        line.addSubcommand(new CheckCommand());
        line.addSubcommand(new ConfigCommand());
        line.addSubcommand(new SqlCommand());
        line.addSubcommand(new QueryCommand());
        line.addSubcommand(new PromqlCommand());
        line.addSubcommand(new RulesCommand());
        line.addSubcommand(new LoadCommand());
        line.addSubcommand(new LakeCommand());
        line.addSubcommand(new WalCommand());
        line.addSubcommand(new EngineCommand());
        line.addSubcommand(new SloCommand());
        line.addSubcommand(new AlertsCommand());
        line.addSubcommand(new AnomalyCommand());
        line.addSubcommand(new ForecastCommand());
        line.addSubcommand(new DoctorCommand());
        line.addSubcommand(new HealthCommand());
        line.addSubcommand(new ReportCommand());
        line.addSubcommand(new BenchCommand());
        line.addSubcommand(new VersionCommand());
        line.addSubcommand(new ManualCommand());
        var completion = new CommandLine(new AutoComplete.GenerateCompletion());
        completion.getCommandSpec().usageMessage().hidden(true);
        line.addSubcommand(completion);
        line.setUsageHelpWidth(HELP_WIDTH);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((e, command, result) -> exitCode(e));
        line.setParameterExceptionHandler(FirnCommand::wrongUse);
        if (arguments.length == 0) {
            line.usage(System.err);
            return 2;
        }
        return line.execute(arguments);
    }

    private static int exitCode(Exception e) {
        switch (e) {
            case InputException input -> {
                System.err.println("firn: " + input.getMessage());
                return 2;
            }
            case WorldException world -> {
                System.err.println("firn: " + world.getMessage());
                return 1;
            }
            default -> {
                System.err.println(
                        "firn: this is a bug of Firn; please report it with what follows");
                e.printStackTrace();
                return 1;
            }
        }
    }

    private static int wrongUse(ParameterException e, String[] arguments) {
        System.err.println("firn: " + e.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(
                e, new java.io.PrintWriter(System.err, true));
        System.err.println(
                "firn: see `" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help`");
        return e.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
    }
}
