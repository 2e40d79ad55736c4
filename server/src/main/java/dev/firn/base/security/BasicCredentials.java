package dev.firn.base.security;

import dev.firn.base.Clock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;

/// User name and password of a client (RFC 7617).
public final class BasicCredentials implements Credentials {
    private static final String SCHEME = "Basic ";

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

    /// What a header `Authorization` holds, as `user:password`; empty if it is not of this scheme.
    public static Optional<String> pair(String authorization) {
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        try {
            String encoded = authorization.substring(SCHEME.length()).strip();
            byte[] pair = Base64.getDecoder().decode(encoded);
            return Optional.of(new String(pair, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public Header header() {
        byte[] pair = (user.get() + ":" + password.get()).getBytes(StandardCharsets.UTF_8);
        return new Header(
                "Authorization", new Secret(SCHEME + Base64.getEncoder().encodeToString(pair)));
    }
}
