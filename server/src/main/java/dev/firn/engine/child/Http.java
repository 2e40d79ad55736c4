package dev.firn.engine.child;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// HTTP/1.1 as messages: what a request says and how a response goes out. Own code, because the
/// engine has to notice *while a query runs* that its client has gone, which takes a look at the
/// socket that server libraries do not offer.
///
/// Source: RFC 9112.
final class Http {
    /// All headers and trailers of a request together.
    private static final int HEADER_BYTES_MAX = 64 << 10;

    /// Before a request's line.
    private static final int EMPTY_LINES_MAX = 4;

    /// From a request's first byte to the end of its headers.
    private static final long HEAD_MILLIS_MAX = 10_000;

    /// A body whose reader sets no other limit.
    private static final long BODY_MILLIS_MAX = 20_000;

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /// Those by which two readers of the same bytes could disagree about what a request is.
    private static final Set<String> ONCE =
            Set.of("content-length", "transfer-encoding", "host", "origin", "sec-fetch-site");

    private Http() {}

    /// The peer sent something that is no HTTP request, or too much of it.
    static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /// A request without its body. Header names are in lower case; of a repeated one the last
    /// counts.
    record Request(
            String method,
            String path,
            Map<String, String> parameters,
            Map<String, String> headers,
            boolean version11,
            HttpBody.Input body) {
        @Nullable String header(String name) {
            return headers.get(name);
        }

        @Nullable String parameter(String name) {
            return parameters.get(name);
        }

        boolean flag(String name) {
            return "1".equals(parameters.get(name)) || "true".equals(parameters.get(name));
        }

        /// Whether the connection may carry another request.
        boolean keepAlive() {
            String connection = headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
            return version11 ? !connection.contains("close") : connection.contains("keep-alive");
        }
    }

    /// Reads a request's line and headers.
    static @Nullable Request read(HttpInput in, OutputStream out) throws IOException {
        in.limit(0);
        if (!in.awaitByte()) {
            return null;
        }
        in.limit(HEAD_MILLIS_MAX);
        String line = in.requestLine();
        for (int i = 0; i < EMPTY_LINES_MAX && line != null && line.isEmpty(); i++) {
            line = in.requestLine();
        }
        if (line == null) {
            return null;
        }
        String[] parts = line.split(" ", -1);
        if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) {
            throw new MalformedException("the request line is not HTTP/1.1");
        }
        var headers = new LinkedHashMap<String, String>();
        int bytesLeft = readHeaders(in, headers);
        in.limit(BODY_MILLIS_MAX);
        int question = parts[1].indexOf('?');
        String path = question < 0 ? parts[1] : parts[1].substring(0, question);
        String search = question < 0 ? "" : parts[1].substring(question + 1);
        boolean version11 = !parts[2].equals("HTTP/1.0");
        return new Request(
                parts[0],
                path,
                form(search),
                headers,
                version11,
                body(in, out, headers, bytesLeft));
    }

    /// Fills in the headers; returns how many bytes of the limit are left for trailers.
    private static int readHeaders(HttpInput in, Map<String, String> headers) throws IOException {
        int bytesLeft = HEADER_BYTES_MAX;
        while (true) {
            String line = in.line(bytesLeft);
            if (line == null) {
                throw new MalformedException("the headers have no end");
            }
            if (line.isEmpty()) {
                return bytesLeft;
            }
            bytesLeft = Math.max(0, bytesLeft - line.length() - 2);
            int colon = line.indexOf(':');
            if (colon < 0 || !TOKEN.matcher(line.substring(0, colon)).matches()) {
                throw new MalformedException("a header line does not begin with a name and colon");
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            String before = headers.put(name, value);
            if (before != null && ONCE.contains(name) && !before.equals(value)) {
                throw new MalformedException("header " + name + " comes twice and differs");
            }
        }
    }

    private static HttpBody.Input body(
            HttpInput in, OutputStream out, Map<String, String> headers, int trailerBytesMax)
            throws MalformedException {
        boolean hold = "100-continue".equalsIgnoreCase(headers.getOrDefault("expect", "").strip());
        String coding = headers.getOrDefault("transfer-encoding", "");
        if (!coding.isEmpty()) {
            if (headers.containsKey("content-length")) {
                throw new MalformedException("content-length and transfer-encoding come together");
            }
            if (!coding.equalsIgnoreCase("chunked")) {
                throw new MalformedException("transfer coding \"" + coding + "\" is not known");
            }
            return HttpBody.chunked(in, hold ? out : null, trailerBytesMax);
        }
        String length = headers.getOrDefault("content-length", "0");
        if (!length.matches("[0-9]{1,18}")) {
            throw new MalformedException("content-length \"" + length + "\" is no number");
        }
        long bytes = Long.parseLong(length);
        return HttpBody.sized(in, bytes, hold && bytes > 0 ? out : null);
    }

    /// `a=b&c=d` with percent signs; of a repeated name the last counts.
    static Map<String, String> form(String text) throws MalformedException {
        var values = new LinkedHashMap<String, String>();
        for (String pair : text.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                values.put(decode(name), decode(value));
            }
        }
        return values;
    }

    private static String decode(String text) throws MalformedException {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("a percent sign in the URL is followed by no number");
        }
    }

    /// A response in the making: status and headers can change until the first byte of the body.
    static final class Response {
        private static final int NO_CONTENT = 204;

        private final OutputStream out;
        private final boolean version11;
        private final boolean withoutBody;
        private final Request request;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private int status = 200;
        private boolean begun;
        private boolean keepAlive;

        Response(OutputStream out, Request request) {
            this.out = out;
            this.request = request;
            this.version11 = request.version11();
            this.withoutBody = request.method().equals("HEAD");
            this.keepAlive = request.keepAlive();
        }

        void status(int code) {
            status = code;
        }

        /// Sets a header; what would break the line is replaced.
        void header(String name, String value) {
            headers.put(name, value.replaceAll("[\\x00-\\x1f\\x7f]", " "));
        }

        boolean begun() {
            return begun;
        }

        boolean keepAlive() {
            return keepAlive;
        }

        /// This response will be the connection's last.
        void closeAfter() {
            keepAlive = false;
        }

        /// Sends a whole body.
        void send(byte[] body) throws IOException {
            if (status != NO_CONTENT) {
                headers.put("Content-Length", Integer.toString(body.length));
            }
            head();
            if (!withoutBody && status != NO_CONTENT) {
                out.write(body);
            }
            out.flush();
        }

        /// Begins a body of unknown length. Closing the stream ends the message; a message that
        /// must not look whole is left unclosed and its connection dropped.
        OutputStream stream() throws IOException {
            if (version11) {
                headers.put("Transfer-Encoding", "chunked");
            } else {
                keepAlive = false;
            }
            head();
            if (withoutBody) {
                return OutputStream.nullOutputStream();
            }
            return version11 ? new HttpBody.ChunkedOutput(out) : new HttpBody.PlainOutput(out);
        }

        private void head() throws IOException {
            begun = true;
            if (request.body().isHeld()) {
                keepAlive = false; // the body may or may not come after this final answer
            }
            List<String> lines = new ArrayList<>();
            lines.add((version11 ? "HTTP/1.1 " : "HTTP/1.0 ") + status + " " + reason(status));
            headers.forEach((name, value) -> lines.add(name + ": " + value));
            lines.add(keepAlive ? "Connection: Keep-Alive" : "Connection: Close");
            out.write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 204 -> "No Content";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 413 -> "Payload Too Large";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            default -> "Internal Server Error";
        };
    }
}
