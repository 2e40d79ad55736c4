package dev.firn.config;

import dev.firn.base.Clock;
import dev.firn.base.security.Authenticator;
import dev.firn.base.security.Credentials;
import java.util.Optional;

/// An extension that knows who may send, or who a client is.
public sealed interface AuthExtensionConfig extends ExtensionConfig
        permits BearerTokenAuthConfig, BasicAuthConfig {
    /// For a listener; empty if the extension is for clients only.
    ///
    /// @throws dev.firn.base.InputException when a file cannot be used
    Optional<Authenticator> authenticator(Clock clock);

    /// For an exporter; empty if the extension is for listeners only.
    ///
    /// @throws dev.firn.base.InputException when a file cannot be used
    Optional<Credentials> credentials(Clock clock);

    /// True if a listener may name it.
    boolean forListeners();

    /// True if an exporter may name it.
    boolean forExporters();
}
