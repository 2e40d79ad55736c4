package dev.firn.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "version",
        mixinStandardHelpOptions = true,
        description = "Prints the versions of Firn, its engine library and Java.",
        footer = {"", "Example:", "  firn version"})
final class VersionCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        Version version = Version.current();
        System.out.printf(
                "firn\t%s%nengine\t%s%njava\t%s%n",
                version.firn(), version.engine(), Runtime.version());
        return 0;
    }
}
