package dev.firn.engine.child;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Refuses what a web page from elsewhere makes a browser send: the reader needs no password, so
/// that a page could ask questions blindly, or read the answers after pointing its own name at this
/// machine (DNS rebinding).
///
/// Source: Fetch Metadata Request Headers; RFC 6454.
final class BrowserGuard {
    /// Only literals of this machine: a page can reach loopback by `0.0.0.0`, too.
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost\\.?|127(\\.[0-9]{1,3}){3}|\\[::1\\]");

    private final boolean loopback;
    private final String configuredHost;

    /// `configuredHost` as the configuration names it; `bound` is where the server listens.
    BrowserGuard(String configuredHost, InetAddress bound) {
        this.loopback = bound.isLoopbackAddress();
        String lower = configuredHost.toLowerCase(Locale.ROOT);
        this.configuredHost = lower.contains(":") ? "[" + lower + "]" : lower;
    }

    /// Why the request is refused, or null.
    @Nullable String refusal(Http.Request request) {
        if ("cross-site".equalsIgnoreCase(request.header("sec-fetch-site"))) {
            return "Cannot answer a web page of another site (Sec-Fetch-Site: cross-site).\n";
        }
        String host = request.header("host");
        String origin = request.header("origin");
        if (origin != null && !isSame(origin, host)) {
            return "Cannot answer a web page of another origin (Origin differs from Host).\n";
        }
        if (loopback && host != null && !isOwn(host)) {
            return "Cannot answer under this name: the engine listens on loopback; call it by"
                    + " localhost, 127.0.0.1 or the address in engine.endpoint.\n";
        }
        return null;
    }

    private static boolean isSame(String origin, @Nullable String host) {
        return host != null
                && (origin.equalsIgnoreCase("http://" + host)
                        || origin.equalsIgnoreCase("https://" + host));
    }

    private boolean isOwn(String host) {
        String name = host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
        return name.equals(configuredHost) || LOOPBACK.matcher(name).matches();
    }
}
