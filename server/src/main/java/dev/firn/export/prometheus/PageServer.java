package dev.firn.export.prometheus;

import dev.firn.base.Browsers;
import dev.firn.base.Ports;
import dev.firn.base.WorldException;
import dev.firn.base.security.ServerSecurity;
import dev.firn.config.Config.Address;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Serves `GET /metrics`: one virtual thread a scrape, which writes as fast as its scraper reads.
final class PageServer implements AutoCloseable {
    /// Scrapes at a time; more are answered 503.
    static final int SCRAPES_MAX = 16;

    /// A scraper that takes longer is broken off, or sixteen that stand still would close the page.
    static final long SCRAPE_NANOS_MAX = 120_000_000_000L;

    /// Kept here, because the JDK holds loggers weakly and would forget the level: Helidon's INFO
    /// lines at start and stop say nothing that Firn's do not.
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    static {
        HELIDON.setLevel(Level.WARNING);
    }

    private static final int GZIP_BYTES = 16 << 10;

    /// Writes a page and returns its series.
    interface Page {
        long write(PageFormat format, OutputStream out) throws IOException;
    }

    private final Address address;
    private final Browsers browsers;
    private final Function<String, PageFormat> formats;
    private final Page page;
    private final ExporterCounts counts;
    private final Semaphore places = new Semaphore(SCRAPES_MAX);
    private final Map<Thread, Long> running = new HashMap<>(); // since; guarded by itself
    private final WebServer server;

    PageServer(
            String name,
            Address address,
            ServerSecurity security,
            Function<String, PageFormat> formats,
            Page page,
            ExporterCounts counts) {
        this.address = address;
        this.browsers = Browsers.ownPages(new InetSocketAddress(address.host(), address.port()));
        this.formats = formats;
        this.page = page;
        this.counts = counts;
        try {
            Ports.probe(new InetSocketAddress(address.host(), address.port()));
        } catch (IOException e) {
            throw failed(name, e);
        }
        server =
                WebServer.builder()
                        .host(address.host())
                        .port(address.port())
                        .tls(security.helidonTls())
                        .shutdownHook(false)
                        .contentEncoding(
                                ContentEncodingContext.builder()
                                        .contentEncodingsDiscoverServices(false)
                                        .build())
                        .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
                        .routing(routing -> routes(routing, security))
                        .build();
        server.start();
        if (!server.isRunning()) {
            throw failed(name, null);
        }
    }

    private WorldException failed(String name, @Nullable IOException cause) {
        return new WorldException(
                "cannot listen on "
                        + address
                        + " for exporter "
                        + name
                        + (cause == null ? "" : ": " + cause.getMessage())
                        + "; end what uses the port or set exporters."
                        + name
                        + ".endpoint",
                cause);
    }

    int port() {
        return server.port();
    }

    private void routes(HttpRouting.Builder routing, ServerSecurity security) {
        routing.addFilter(security.helidonFilter());
        routing.get("/metrics", this::scrape);
    }

    private void scrape(ServerRequest request, ServerResponse response) {
        Optional<String> refusal =
                browsers.refusal(
                        header(request, "Host"),
                        header(request, "Origin"),
                        header(request, "Sec-Fetch-Site"));
        if (refusal.isPresent()) {
            refuse(response, Status.FORBIDDEN_403, "refused: " + refusal.get());
        } else if (!places.tryAcquire()) {
            counts.scraped("busy", 0);
            response.header(HeaderNames.RETRY_AFTER, "1");
            refuse(
                    response,
                    Status.SERVICE_UNAVAILABLE_503,
                    "cannot answer: " + SCRAPES_MAX + " scrapes are running; try again later");
        } else {
            try {
                write(request, response);
            } finally {
                places.release();
            }
        }
    }

    private static void refuse(ServerResponse response, Status status, String text) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .send(text + "\n");
    }

    private static String header(ServerRequest request, String name) {
        return request.headers().first(HeaderNames.create(name)).orElse("");
    }

    private void write(ServerRequest request, ServerResponse response) {
        // a header may come in several lines
        String accept = String.join(",", request.headers().values(HeaderNames.ACCEPT));
        PageFormat format = formats.apply(accept);
        response.header(HeaderNames.CONTENT_TYPE, format.contentType());
        response.header(HeaderNames.VARY, "Accept, Accept-Encoding");
        boolean gzip =
                wantsGzip(String.join(",", request.headers().values(HeaderNames.ACCEPT_ENCODING)));
        if (gzip) {
            response.header(HeaderNames.CONTENT_ENCODING, "gzip");
        }
        begin();
        long bytes = 0;
        String result = "broken";
        try {
            OutputStream body = response.outputStream();
            var out = new Counting(gzip ? gzip(body) : body);
            try {
                page.write(format, out);
                out.close(); // only here: a page that broke off must not look whole
                result = "ok";
            } finally {
                bytes = out.bytes;
            }
        } catch (IOException | RuntimeException e) {
            if (Thread.interrupted()) {
                result = "slow";
            }
            throw new CloseConnectionException("the page broke off", e);
        } finally {
            end();
            counts.scraped(result, bytes);
        }
    }

    /// Whether `Accept-Encoding` allows gzip.
    static boolean wantsGzip(String encodings) {
        for (String part : encodings.split(",")) {
            String[] pieces = part.strip().split("\\s*;\\s*");
            if (pieces[0].equalsIgnoreCase("gzip")) {
                return pieces.length < 2 || !pieces[1].matches("q=0(\\.0*)?");
            }
        }
        return false;
    }

    /// The fastest level: pages repeat themselves enough for it.
    private static OutputStream gzip(OutputStream out) throws IOException {
        return new GZIPOutputStream(out, GZIP_BYTES) {
            {
                def.setLevel(Deflater.BEST_SPEED);
            }

            @Override
            public void close() throws IOException {
                try {
                    super.close();
                } finally {
                    def.end();
                }
            }
        };
    }

    private static final class Counting extends FilterOutputStream {
        long bytes;

        Counting(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            out.write(from, offset, length);
            bytes += length;
        }
    }

    private void begin() {
        synchronized (running) {
            running.put(Thread.currentThread(), System.nanoTime());
        }
    }

    private void end() {
        synchronized (running) {
            running.remove(Thread.currentThread());
            Thread.interrupted(); // broken off just as it ended: not the connection's next request
        }
    }

    /// Breaks scrapes off that take too long: an interrupt closes the socket of a virtual thread
    /// that waits for it.
    void breakSlow() {
        synchronized (running) {
            long now = System.nanoTime();
            running.forEach((thread, since) -> {
                if (now - since > SCRAPE_NANOS_MAX) {
                    thread.interrupt();
                }
            });
        }
    }

    @Override
    public void close() {
        server.stop();
    }
}
