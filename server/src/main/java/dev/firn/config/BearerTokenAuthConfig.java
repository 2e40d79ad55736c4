package dev.firn.config;

import dev.firn.base.Clock;
import dev.firn.base.security.Authenticator;
import dev.firn.base.security.BearerTokens;
import dev.firn.base.security.Credentials;
import dev.firn.base.security.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `bearertokenauth` extension.
///
/// @param path of the configuration, for messages
/// @param header in which the token travels
/// @param scheme stands before the token; "" for none
/// @param tokens any lets in; a client sends the first
/// @param filename a file with a token a line, which wins over `tokens`; "" for none
public record BearerTokenAuthConfig(
        String path, String header, String scheme, List<Secret> tokens, String filename)
        implements AuthExtensionConfig {
    public BearerTokenAuthConfig {
        tokens = List.copyOf(tokens);
    }

    static BearerTokenAuthConfig read(Section section) {
        String header = section.text("header", "Authorization");
        String scheme = section.text("scheme", "Bearer");
        String token = section.text("token", "");
        List<String> several = section.texts("tokens");
        String filename = section.text("filename", "");
        if (!header.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
            section.problem("header", "\"" + header + "\" is not the name of a header");
        }
        if (!token.isEmpty() && !several.isEmpty()) {
            section.problem("token", "write either token or tokens, not both");
        }
        var tokens = new ArrayList<Secret>();
        for (String one : token.isEmpty() ? several : List.of(token)) {
            if (one.isBlank()) {
                section.problem("tokens", "an empty token lets everybody in; take it out");
            }
            tokens.add(new Secret(one));
        }
        if (tokens.isEmpty() && filename.isEmpty()) {
            section.problem("token", "write token, tokens or filename");
        }
        if (!tokens.isEmpty() && !filename.isEmpty()) {
            section.warning(
                    "filename", "the tokens of the file count, those of this section do not");
        }
        section.close();
        return new BearerTokenAuthConfig(section.path(), header, scheme, tokens, filename);
    }

    private BearerTokens open(Clock clock) {
        return filename.isEmpty()
                ? BearerTokens.of(header, scheme, tokens)
                : BearerTokens.of(header, scheme, path + ".filename", Path.of(filename), clock);
    }

    @Override
    public Optional<Authenticator> authenticator(Clock clock) {
        return Optional.of(open(clock));
    }

    @Override
    public Optional<Credentials> credentials(Clock clock) {
        return Optional.of(open(clock));
    }

    @Override
    public boolean forListeners() {
        return true;
    }

    @Override
    public boolean forExporters() {
        return true;
    }
}
