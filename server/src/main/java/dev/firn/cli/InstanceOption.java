package dev.firn.cli;

import dev.firn.base.FolderLock;
import dev.firn.base.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which Firn a command asks: the one at `--url`, or with `--data` the one that holds the
/// directory, or the directory itself when nobody holds it.
final class InstanceOption {
    private static final String DEFAULT_URL = "http://127.0.0.1:8080";

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "A running Firn's web address (default: " + DEFAULT_URL + ").")
    @Nullable String url;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "The Firn that holds this data directory; without one the directory is opened for the command.")
    @Nullable Path data;

    /// A directory that this command has locked.
    record Opened(Path directory, FolderLock lock) implements AutoCloseable {
        @Override
        public void close() {
            lock.close();
        }
    }

    /// Locks the data directory if the command is to open it itself.
    Optional<Opened> open() {
        if (url != null && data != null) {
            throw new InputException("give --url or --data, not both");
        }
        if (data == null) {
            return Optional.empty();
        }
        if (!Files.isDirectory(data)) {
            throw new InputException(
                    "cannot open \"" + data + "\": there is no such data directory");
        }
        Path directory = data;
        if (!Files.isDirectory(directory.resolve("wal"))) {
            throw new InputException(
                    "cannot open \""
                            + data
                            + "\": no Firn ever wrote there (it holds no folder \"wal\")");
        }
        return FolderLock.tryLock(directory).map(lock -> new Opened(directory, lock));
    }

    /// The running Firn, for what only its sinks can do.
    ///
    /// @param what is to be done, for the message
    Remote running(String what) {
        Optional<Opened> opened = open();
        if (opened.isPresent()) {
            opened.get().close();
            throw new InputException(
                    "cannot "
                            + what
                            + " in \""
                            + data
                            + "\": no Firn runs there; start one with firn serve --data "
                            + data);
        }
        return remote();
    }

    /// Has the running Firn do something, and prints the numbers that it answers, a line each.
    ///
    /// @param what is to be done, for the message
    /// @return the exit code
    int ask(String what, String path, Map<String, String> parameters) {
        running(what)
                .task(path, parameters, line -> {})
                .properties()
                .forEach(one -> System.out.println(one.getKey() + "\t" + one.getValue().asLong()));
        return 0;
    }

    /// The running Firn.
    Remote remote() {
        if (data == null) {
            return Remote.web(url == null ? DEFAULT_URL : url);
        }
        Path directory = data;
        return holder(directory)
                .orElseThrow(() ->
                        new InputException(
                                "another process holds \""
                                        + directory
                                        + "\" ("
                                        + FolderLock.holder(directory).replace("\n", ", ")
                                        + ") but serves no web interface yet; try again in a"
                                        + " moment"));
    }

    /// The Firn that holds a directory, if it serves a web interface already.
    static Optional<Remote> holder(Path directory) {
        return FolderLock.holder(directory)
                .lines()
                .filter(line -> line.startsWith("url "))
                .map(line -> Remote.web(line.substring("url ".length()).strip()))
                .findFirst();
    }
}
