package dev.firn.export.otlpgrpc;

import dev.firn.base.security.Tls;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import javax.net.ssl.SSLException;

/// TLS as grpc's Netty wants it, with the JDK's implementation, which asks the key manager at each
/// handshake and so sees new certificates.
final class GrpcClientTls {
    private GrpcClientTls() {}

    static SslContext context(Tls tls) {
        var builder =
                SslContextBuilder.forClient()
                        .keyManager(tls.keyManager())
                        .trustManager(tls.trustManager());
        try {
            // first: it chooses suites and protocols of its own
            GrpcSslContexts.configure(builder, SslProvider.JDK).protocols(tls.protocols());
            if (!tls.ciphers().isEmpty()) {
                builder.ciphers(tls.ciphers());
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("the JVM has no TLS for gRPC", e);
        }
    }
}
