package dev.firn.base.security;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Checks who sends a request, from its headers alone, before anything of its body is read. May
/// take a tenth of a second of computing: never call it on an event loop.
public interface Authenticator {
    /// Why the sender is refused, fit to be told to it; nothing if it may send.
    ///
    /// @param headers a header's first value by its name, which is compared without regard to case
    Optional<String> refusal(Function<String, @Nullable String> headers);

    /// Value of `WWW-Authenticate` in a refusal, RFC 9110 section 11.6.1.
    String challenge();
}
