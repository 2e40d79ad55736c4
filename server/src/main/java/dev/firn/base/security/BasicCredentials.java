package dev.firn.base.security;

import dev.firn.base.Clock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.Supplier;

/// User name and password of a client (RFC 7617).
public final class BasicCredentials implements Credentials {
    private final Supplier<String> user;
    private final Supplier<String> password;

    private BasicCredentials(Supplier<String> user, Supplier<String> password) {
        this.user = user;
        this.password = password;
    }

    /// Of two texts or files.
    ///
    /// @param user its text or its file
    /// @param password likewise
    /// @throws dev.firn.base.InputException when a file cannot be read
    public static BasicCredentials of(Source user, Source password, Clock clock) {
        return new BasicCredentials(user.open(clock), password.open(clock));
    }

    /// Where a text comes from.
    public sealed interface Source {
        /// The text itself.
        record Text(Secret text) implements Source {}

        /// A file; a line end at its end does not count.
        ///
        /// @param key of the configuration, from the top
        record File(String key, Path path) implements Source {}

        private Supplier<String> open(Clock clock) {
            return switch (this) {
                case Text(Secret text) -> text::value;
                case File(String key, Path path) -> {
                    var file = new WatchedFile(key, path, clock);
                    yield () -> file.text().strip();
                }
            };
        }
    }

    @Override
    public Header header() {
        byte[] pair = (user.get() + ":" + password.get()).getBytes(StandardCharsets.UTF_8);
        return new Header(
                "Authorization", new Secret("Basic " + Base64.getEncoder().encodeToString(pair)));
    }
}
