package dev.firn.query;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// Hands data files of a warehouse on S3 to the engine of this process: ranges over HTTP on
/// loopback. The credentials of the S3 stay here; what the engine knows is a secret of this
/// server's own, made at its start, in a header that ClickHouse hides from readers (decision 018).
/// Listens once there is something to hand out. Thread-safe.
public final class FileServer implements AutoCloseable {
    /// Begins the path of every address, so that `_path` turns into the file's location again by
    /// putting `s3://` in its place.
    static final String PATH = "/firn-lake/";

    private static final String SCHEME = "s3://";
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{0,18})");
    private static final int PIECE_BYTES = 4 << 20;

    /// Kept here, because the JDK holds loggers weakly and would forget the level: Helidon's INFO
    /// lines at start and stop say nothing that a reader of a query's answer needs.
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    static {
        HELIDON.setLevel(Level.WARNING);
    }

    /// Pieces in memory at a time.
    private static final int PIECES_MAX = 16;

    private final String secret;
    private final Semaphore pieces = new Semaphore(PIECES_MAX, true);

    /// By the table's location: only files below it are handed out.
    private final Map<String, FileIO> tables = new ConcurrentHashMap<>();

    private @Nullable WebServer server; // guarded by this

    public FileServer() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        secret = HexFormat.of().formatHex(random);
    }

    /// Whether a file is one that the engine cannot open by itself.
    static boolean remote(String location) {
        return location.startsWith(SCHEME);
    }

    /// The arguments of ClickHouse's engine `URL` around a list of addresses: what stands before
    /// and behind it.
    ///
    /// @param paths as [#path] makes them, as a pattern
    String engine(Table table, String paths) {
        tables.put(table.location(), table.io());
        return "URL('http://127.0.0.1:%d%s', 'Parquet', headers('Authorization' = 'Bearer %s'))"
                .formatted(port(), paths, secret);
    }

    /// The path of a file's address, percent-encoded.
    static String path(Table table, String location) {
        if (!location.startsWith(table.location() + "/")) {
            throw new InputException(
                    "cannot show lake file \""
                            + location
                            + "\" in the engine: it is not below its table's location \""
                            + table.location()
                            + "\"; read it with another tool");
        }
        var path = new StringBuilder(PATH);
        String[] parts = location.substring(SCHEME.length()).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            path.append(i == 0 ? "" : "/")
                    .append(
                            URLEncoder.encode(parts[i], StandardCharsets.UTF_8)
                                    .replace("+", "%20"));
        }
        return path.toString();
    }

    private synchronized int port() {
        if (server == null) {
            server =
                    WebServer.builder()
                            .host("127.0.0.1")
                            .port(0)
                            .shutdownHook(false)
                            .contentEncoding(
                                    ContentEncodingContext.builder()
                                            .contentEncodingsDiscoverServices(false)
                                            .build())
                            .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
                            .routing(routing -> routing.any(PATH + "*", this::answer))
                            .build()
                            .start();
        }
        return server.port();
    }

    private void answer(ServerRequest request, ServerResponse response) {
        if (!authorized(request)) {
            refuse(response, Status.FORBIDDEN_403, "only Firn's own engine may read here");
            return;
        }
        String location = location(request.prologue().uriPath().rawPath());
        InputFile file = file(location);
        if (file == null) {
            refuse(response, Status.NOT_FOUND_404, "\"" + location + "\" is not of the lake");
            return;
        }
        try {
            answer(request, response, file);
        } catch (RuntimeException | IOException e) {
            if (response.isSent()) {
                throw new WorldException("lake file \"" + location + "\" broke off", e);
            }
            refuse(
                    response,
                    Status.BAD_GATEWAY_502,
                    "cannot read lake file \"" + location + "\": " + e.getMessage());
        }
    }

    private boolean authorized(ServerRequest request) {
        String given = header(request, "Authorization");
        return MessageDigest.isEqual(
                given.getBytes(StandardCharsets.UTF_8),
                ("Bearer " + secret).getBytes(StandardCharsets.UTF_8));
    }

    private static String location(String rawPath) {
        return SCHEME
                + URLDecoder.decode(
                        rawPath.substring(PATH.length()).replace("+", "%2B"),
                        StandardCharsets.UTF_8);
    }

    private @Nullable InputFile file(String location) {
        for (Map.Entry<String, FileIO> table : tables.entrySet()) {
            if (location.startsWith(table.getKey() + "/")
                    && location.endsWith(".parquet")
                    && !location.contains("/../")) {
                return table.getValue().newInputFile(location);
            }
        }
        return null;
    }

    private void answer(ServerRequest request, ServerResponse response, InputFile file)
            throws IOException {
        long length = file.getLength();
        response.header(HeaderNames.ACCEPT_RANGES, "bytes");
        response.header(HeaderNames.CONTENT_TYPE, "application/vnd.apache.parquet");
        if (request.prologue().method().equals(Method.HEAD)) {
            response.header(HeaderNames.CONTENT_LENGTH, Long.toString(length));
            response.send();
            return;
        }
        long from = 0;
        long to = length;
        Matcher range = RANGE.matcher(header(request, "Range"));
        if (range.matches()) {
            from = Long.parseLong(range.group(1));
            to = range.group(2).isEmpty() ? length : Long.parseLong(range.group(2)) + 1;
            to = Math.min(to, length);
            if (from >= to) {
                response.header(HeaderNames.CONTENT_RANGE, "bytes */" + length);
                refuse(response, Status.REQUESTED_RANGE_NOT_SATISFIABLE_416, "no such range");
                return;
            }
            response.status(Status.PARTIAL_CONTENT_206);
            response.header(
                    HeaderNames.CONTENT_RANGE, "bytes " + from + "-" + (to - 1) + "/" + length);
        }
        send(response, file, from, to);
    }

    /// The first piece is read before anything is sent, so that a file that cannot be read is an
    /// error and no torn answer.
    private void send(ServerResponse response, InputFile file, long from, long to)
            throws IOException {
        try (SeekableInputStream in = file.newStream()) {
            byte[] piece = piece(in, from, to);
            response.header(HeaderNames.CONTENT_LENGTH, Long.toString(to - from));
            try (OutputStream out = response.outputStream()) {
                long at = from;
                while (true) {
                    out.write(piece);
                    at += piece.length;
                    if (at == to) {
                        break;
                    }
                    piece = piece(in, at, to);
                }
            }
        }
    }

    private byte[] piece(SeekableInputStream in, long from, long to) throws IOException {
        var bytes = new byte[(int) Math.min(PIECE_BYTES, to - from)];
        pieces.acquireUninterruptibly();
        try {
            if (in instanceof RangeReadable ranges) {
                ranges.readFully(from, bytes, 0, bytes.length);
            } else {
                in.seek(from);
                in.readNBytes(bytes, 0, bytes.length);
            }
            return bytes;
        } finally {
            pieces.release();
        }
    }

    private static String header(ServerRequest request, String name) {
        return request.headers().first(HeaderNames.create(name)).orElse("");
    }

    private static void refuse(ServerResponse response, Status status, String text) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .send(text + "\n");
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.stop();
        }
    }
}
