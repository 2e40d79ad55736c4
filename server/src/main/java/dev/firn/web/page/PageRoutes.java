package dev.firn.web.page;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// The dashboard's built files. Each of its pages is the same document; what that document loads
/// has a hash in its name and is kept for good.
public final class PageRoutes {
    private static final Header POLICY =
            HeaderValues.create(
                    "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                            + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                            + " frame-ancestors 'none'");
    private static final List<Header> ALWAYS =
            List.of(
                    POLICY,
                    HeaderValues.create("X-Content-Type-Options", "nosniff"),
                    HeaderValues.create("Referrer-Policy", "no-referrer"),
                    HeaderValues.create("Vary", "Accept-Encoding"));
    private static final Header REVALIDATE = HeaderValues.create("Cache-Control", "no-cache");
    private static final Header FOR_GOOD =
            HeaderValues.create("Cache-Control", "public, max-age=31536000, immutable");

    /// Where the page is.
    public static final List<String> PAGES =
            List.of(
                    "/",
                    "/services",
                    "/explore",
                    "/alerts",
                    "/slos",
                    "/anomalies",
                    "/forecast",
                    "/quality",
                    "/cost",
                    "/pipeline");

    /// A name without a slash or two dots stays in its folder.
    private static final Pattern ASSET =
            Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.(js|css|svg)");

    private static final Map<String, String> TYPES =
            Map.of(
                    "js",
                    "text/javascript; charset=utf-8",
                    "css",
                    "text/css; charset=utf-8",
                    "svg",
                    "image/svg+xml",
                    "html",
                    "text/html; charset=utf-8");

    private record Built(byte[] bytes, byte[] zipped, String tag) {}

    private final String folder;
    private final Map<String, Built> read = new ConcurrentHashMap<>();

    /// The files that the program holds.
    public PageRoutes() {
        this("/dev/firn/web/page/files/");
    }

    /// @param folder of resources, with the slash at its end
    PageRoutes(String folder) {
        this.folder = folder;
    }

    /// Answers GET and HEAD.
    public void register(HttpRouting.Builder routing) {
        for (String page : PAGES) {
            routing.get(page, this::page).route(Method.HEAD, page, this::page);
        }
        routing.get("/assets/{name}", this::asset)
                .route(Method.HEAD, "/assets/{name}", this::asset);
    }

    private void page(ServerRequest request, ServerResponse response) {
        answer(request, response, "index.html", REVALIDATE);
    }

    private void asset(ServerRequest request, ServerResponse response) {
        String name = request.path().pathParameters().get("name");
        if (ASSET.matcher(name).matches()) {
            answer(request, response, "assets/" + name, FOR_GOOD);
        } else {
            nothing(response);
        }
    }

    private void answer(
            ServerRequest request, ServerResponse response, String file, Header caching) {
        Built built = built(file);
        if (built == null) {
            nothing(response);
            return;
        }
        boolean zipped =
                request.headers().first(HeaderNames.ACCEPT_ENCODING).orElse("").contains("gzip");
        String tag = "\"" + built.tag + (zipped ? "-gzip\"" : "\"");
        ALWAYS.forEach(response::header);
        response.header(caching);
        response.header(HeaderNames.ETAG, tag);
        if (request.headers().first(HeaderNames.IF_NONE_MATCH).orElse("").equals(tag)) {
            response.status(Status.NOT_MODIFIED_304).send();
            return;
        }
        if (zipped) {
            response.header(HeaderNames.CONTENT_ENCODING, "gzip");
        }
        String ending = file.substring(file.lastIndexOf('.') + 1);
        response.header(HeaderNames.CONTENT_TYPE, TYPES.getOrDefault(ending, "text/plain"));
        byte[] bytes = zipped ? built.zipped : built.bytes;
        if (request.prologue().method().equals(Method.HEAD)) {
            response.header(HeaderNames.CONTENT_LENGTH, "" + bytes.length);
            response.send();
        } else {
            response.send(bytes);
        }
    }

    private static void nothing(ServerResponse response) {
        response.status(Status.NOT_FOUND_404);
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.send(
                "there is no such page; without the folder web/ of the sources Firn is built without its dashboard\n"
                        .getBytes(StandardCharsets.UTF_8));
    }

    private @Nullable Built built(String file) {
        Built known = read.get(file);
        if (known != null) {
            return known;
        }
        try (InputStream in = PageRoutes.class.getResourceAsStream(folder + file)) {
            if (in == null) {
                return null;
            }
            byte[] bytes = in.readAllBytes();
            var zipped = new ByteArrayOutputStream();
            try (var out = new GZIPOutputStream(zipped)) {
                out.write(bytes);
            }
            var built = new Built(bytes, zipped.toByteArray(), hash(bytes));
            read.put(file, built);
            return built;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
