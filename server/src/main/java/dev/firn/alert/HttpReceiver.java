package dev.firn.alert;

import dev.firn.base.Clock;
import dev.firn.base.Reason;
import dev.firn.base.security.Tls;
import dev.firn.base.security.TlsSettings;
import dev.firn.config.AlertingConfig.Receiver;
import dev.firn.config.LabelMatch;
import dev.firn.config.TlsConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Posts to a receiver. One thread at a time.
public final class HttpReceiver implements AutoCloseable {
    private static final int ANSWER_SHOWN = 300;
    private static final long WAIT_MIN_NANOS = 1_000_000_000L;
    private static final long WAIT_MAX_NANOS = 60_000_000_000L;

    private final Receiver receiver;
    private final URI url;
    private final HttpClient client;
    private final Clock clock;
    private long wait;
    private long notBefore = Long.MIN_VALUE;
    private volatile @Nullable String trouble;

    /// @param path below the receiver's URL; empty: itself
    /// @throws dev.firn.base.InputException when a file of `tls` cannot be used
    public HttpReceiver(Receiver receiver, String path, Clock clock) {
        this.receiver = receiver;
        this.clock = clock;
        url =
                path.isEmpty()
                        ? receiver.url()
                        : URI.create(receiver.url().toString().replaceAll("/+$", "") + path);
        var builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(Duration.ofNanos(receiver.timeoutNanos()));
        if (url.getScheme().equalsIgnoreCase("https")) {
            Tls tls =
                    Tls.client(
                            receiver.tls().map(TlsConfig::settings).orElse(TlsSettings.client()),
                            clock);
            builder.sslContext(tls.context()).sslParameters(tls.parameters());
        }
        client = builder.build();
    }

    /// As the configuration names it.
    public String name() {
        return receiver.name();
    }

    boolean takes(Labelled alert) {
        return LabelMatch.allFit(receiver.matches(), alert.labels());
    }

    /// Whether the pause after a failure is over.
    boolean mayTry() {
        return clock.ticks() >= notBefore;
    }

    /// What went wrong the last time; null if it went well.
    @Nullable String trouble() {
        return trouble;
    }

    /// Sends it; after a failure it pauses, longer each time up to a minute.
    ///
    /// @return whether the receiver took it
    boolean post(byte[] json) throws InterruptedException {
        String why = send(json, "application/json");
        trouble = why == null ? null : trouble(why);
        if (trouble == null) {
            wait = 0;
            notBefore = Long.MIN_VALUE;
            return true;
        }
        wait = Math.clamp(2 * wait, WAIT_MIN_NANOS, WAIT_MAX_NANOS);
        notBefore = clock.ticks() + wait;
        return false;
    }

    /// Sends a body once.
    ///
    /// @return why it was not taken; null if it was
    public @Nullable String send(byte[] body, String mediaType) throws InterruptedException {
        var request =
                HttpRequest.newBuilder(url)
                        .timeout(Duration.ofNanos(receiver.timeoutNanos()))
                        .header("User-Agent", "Firn")
                        .header("Content-Type", mediaType)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        receiver.headers().forEach((name, value) -> request.setHeader(name, value.value()));
        try {
            HttpResponse<byte[]> answer =
                    client.send(
                            request.build(),
                            BodyHandlers.limiting(BodyHandlers.ofByteArray(), 64 << 10));
            int status = answer.statusCode();
            return status >= 200 && status < 300
                    ? null
                    : "status " + status + " " + shown(answer.body());
        } catch (ConnectException e) { // its message is empty
            return "cannot connect";
        } catch (IOException e) {
            return Reason.of(e);
        }
    }

    private String trouble(String what) {
        return "cannot tell "
                + receiver.name()
                + " ("
                + url.getHost()
                + (url.getPort() < 0 ? "" : ":" + url.getPort())
                + ") of alerts: "
                + what.strip();
    }

    private static String shown(byte[] body) {
        String text =
                new String(body, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}+", " ").strip();
        return text.length() <= ANSWER_SHOWN ? text : text.substring(0, ANSWER_SHOWN) + "...";
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
