package dev.firn.base.security;

import io.helidon.common.tls.TlsClientAuth;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What stands before a listener.
///
/// @param tls absent: plain text
/// @param authenticator absent: anybody may ask
public record ServerSecurity(Optional<Tls> tls, Optional<Authenticator> authenticator) {
    /// Plain text for anybody.
    public static final ServerSecurity NONE =
            new ServerSecurity(Optional.empty(), Optional.empty());

    /// For a Helidon server: `builder.tls(security.helidonTls())`; disabled without TLS.
    public io.helidon.common.tls.Tls helidonTls() {
        var builder = io.helidon.common.tls.Tls.builder();
        if (tls.isEmpty()) {
            return builder.enabled(false).build();
        }
        Tls own = tls.get();
        builder.sslContext(own.context())
                .sslParameters(own.parameters())
                .enabledProtocols(own.protocols())
                .clientAuth(
                        own.clientsShowCertificates() ? TlsClientAuth.REQUIRED : TlsClientAuth.NONE)
                .endpointIdentificationAlgorithm(
                        io.helidon.common.tls.Tls.ENDPOINT_IDENTIFICATION_NONE);
        if (!own.ciphers().isEmpty()) {
            builder.enabledCipherSuites(own.ciphers());
        }
        return builder.build();
    }

    /// For a Helidon server whose pages have no way of their own to refuse:
    /// `routing.addFilter(security.helidonFilter())`, as the first filter. Answers 401 in plain
    /// text.
    public Filter helidonFilter() {
        return (chain, request, response) -> {
            Optional<String> refusal =
                    authenticator.flatMap(one -> one.refusal(in(request.headers())));
            if (refusal.isEmpty()) {
                chain.proceed();
                return;
            }
            response.status(Status.UNAUTHORIZED_401)
                    .header(HeaderNames.WWW_AUTHENTICATE, authenticator.orElseThrow().challenge())
                    .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                    .send("cannot answer: " + refusal.get() + "\n");
        };
    }

    /// A request's headers as [Authenticator] asks for them.
    public static Function<String, @Nullable String> in(Headers headers) {
        return name -> headers.first(HeaderNames.create(name)).orElse(null);
    }
}
