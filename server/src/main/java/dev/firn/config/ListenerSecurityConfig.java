package dev.firn.config;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.security.Authenticator;
import dev.firn.base.security.ServerSecurity;
import dev.firn.base.security.Tls;
import java.util.Map;
import java.util.Optional;

/// `tls:` and `auth:` of a listener.
public record ListenerSecurityConfig(Optional<TlsConfig> tls, Optional<AuthConfig> auth) {
    /// Neither.
    public static final ListenerSecurityConfig NONE =
            new ListenerSecurityConfig(Optional.empty(), Optional.empty());

    /// Both keys below `listener`.
    static ListenerSecurityConfig read(Section listener) {
        return new ListenerSecurityConfig(TlsConfig.server(listener), AuthConfig.read(listener));
    }

    /// Reads the files.
    ///
    /// @param extensions by name, all that `service.extensions` lists
    /// @throws InputException when a file cannot be used
    public ServerSecurity open(Map<String, ? extends ExtensionConfig> extensions, Clock clock) {
        return new ServerSecurity(
                tls.map(one -> Tls.server(one.settings(), clock)),
                auth.map(one -> authenticator(one, extensions, clock)));
    }

    private static Authenticator authenticator(
            AuthConfig auth, Map<String, ? extends ExtensionConfig> extensions, Clock clock) {
        if (extensions.get(auth.authenticator()) instanceof AuthExtensionConfig extension
                && extension.forListeners()) {
            return extension.authenticator(clock).orElseThrow();
        }
        throw new InputException(
                auth.place()
                        + ": auth.authenticator: \""
                        + auth.authenticator()
                        + "\" is no extension that checks senders; define it under extensions and"
                        + " list it in service.extensions");
    }
}
