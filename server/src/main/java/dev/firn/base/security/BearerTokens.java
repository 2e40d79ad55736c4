package dev.firn.base.security;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Tokens in a header, `Authorization: Bearer …` by default: as a server any of them lets in, as a
/// client the first is sent. Each line of a file is one; a token that leaves the file is refused
/// within a second or two.
public final class BearerTokens implements Authenticator, Credentials {
    private final String header;
    private final String scheme;
    private final List<Secret> fixed;
    private final @Nullable WatchedFile file;

    private BearerTokens(
            String header, String scheme, List<Secret> fixed, @Nullable WatchedFile file) {
        this.header = header;
        this.scheme = scheme;
        this.fixed = List.copyOf(fixed);
        this.file = file;
    }

    /// Tokens of the configuration.
    ///
    /// @param scheme stands before the token; "" for none
    public static BearerTokens of(String header, String scheme, List<Secret> tokens) {
        return new BearerTokens(header, scheme, tokens, null);
    }

    /// Tokens of a file.
    ///
    /// @param key of the configuration that names the file, from the top
    /// @throws InputException when it cannot be read or has no token
    public static BearerTokens of(
            String header, String scheme, String key, Path path, Clock clock) {
        var tokens = new BearerTokens(header, scheme, List.of(), new WatchedFile(key, path, clock));
        if (tokens.tokens().isEmpty()) {
            throw new InputException(
                    "cannot use " + key + " \"" + path + "\": it has no token; write one a line");
        }
        return tokens;
    }

    private List<Secret> tokens() {
        return file == null
                ? fixed
                : file.text()
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .map(Secret::new)
                        .toList();
    }

    private String value(Secret token) {
        return scheme.isEmpty() ? token.value() : scheme + " " + token.value();
    }

    @Override
    public Optional<String> refusal(Function<String, @Nullable String> headers) {
        String given = headers.apply(header);
        if (given == null || given.isEmpty()) {
            return Optional.of("the header \"" + header + "\" is missing; send a token in it");
        }
        byte[] bytes = given.getBytes(StandardCharsets.UTF_8);
        boolean known = false;
        for (Secret token : tokens()) { // all of them, whichever fits: time tells nothing
            known |= MessageDigest.isEqual(bytes, value(token).getBytes(StandardCharsets.UTF_8));
        }
        return known
                ? Optional.empty()
                : Optional.of(
                        "the header \""
                                + header
                                + "\" holds no valid token"
                                + (scheme.isEmpty() ? "" : " of scheme \"" + scheme + "\"")
                                + "; ask for a new one");
    }

    @Override
    public String challenge() {
        return scheme.isEmpty() ? "Bearer" : scheme;
    }

    @Override
    public Header header() {
        List<Secret> tokens = tokens();
        return new Header(header, new Secret(tokens.isEmpty() ? "" : value(tokens.getFirst())));
    }
}
