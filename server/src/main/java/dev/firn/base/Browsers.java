package dev.firn.base;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Keeps web pages away from interfaces that ask for no credentials. A page that somebody looks at
/// on this machine can send requests to loopback, and by DNS rebinding even read the answers; it
/// cannot choose the headers `Host`, `Origin` and `Sec-Fetch-Site`. Programs send neither of the
/// last two.
///
/// Source: Fetch Metadata Request Headers; RFC 6454.
public final class Browsers {
    /// Literals of loopback only: a page can reach this machine by `0.0.0.0`, too.
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost\\.?|127(\\.[0-9]{1,3}){3}|\\[(::1|0:0:0:0:0:0:0:1)]");

    private static final Pattern PORT = Pattern.compile(":[0-9]*$");

    private final boolean loopback;
    private final String configured;
    private final boolean ownPages;
    private final Predicate<String> allowedOrigins;

    private Browsers(
            InetSocketAddress listening, boolean ownPages, Predicate<String> allowedOrigins) {
        this.configured = bracketed(listening.getHostString().toLowerCase(Locale.ROOT));
        this.loopback =
                LOOPBACK.matcher(configured).matches()
                        || (listening.getAddress() != null
                                && listening.getAddress().isLoopbackAddress());
        this.ownPages = ownPages;
        this.allowedOrigins = allowedOrigins;
    }

    /// For an interface whose own pages may ask it, and no others.
    ///
    /// @param listening where it listens, by the name that the configuration gives
    public static Browsers ownPages(InetSocketAddress listening) {
        return new Browsers(listening, true, origin -> false);
    }

    /// For an interface that serves no pages, so that a page is always another's.
    ///
    /// @param listening where it listens, by the name that the configuration gives
    /// @param allowedOrigins tells of a header `Origin` (CORS) whether its pages may ask all the
    ///   same
    public static Browsers noPages(InetSocketAddress listening, Predicate<String> allowedOrigins) {
        return new Browsers(listening, false, allowedOrigins);
    }

    /// Why a request must be refused, as the end of a sentence, or nothing.
    ///
    /// @param host header `Host`, empty if absent
    /// @param origin header `Origin`, empty if absent
    /// @param fetchSite header `Sec-Fetch-Site`, empty if absent
    public Optional<String> refusal(String host, String origin, String fetchSite) {
        if (loopback && !host.isEmpty() && !isOwn(host)) {
            return Optional.of(
                    "this address serves loopback only, and Host is \""
                            + host
                            + "\"; use localhost or 127.0.0.1, or listen on the address meant");
        }
        if (!origin.isEmpty() && allowedOrigins.test(origin)) {
            return Optional.empty();
        }
        if (!origin.isEmpty() && !(ownPages && isSame(origin, host))) {
            return Optional.of(
                    "it comes from a web page of \""
                            + origin
                            + "\"; ask from a program, not from a browser");
        }
        boolean own = ownPages && fetchSite.equalsIgnoreCase("same-origin");
        if (!fetchSite.isEmpty() && !fetchSite.equalsIgnoreCase("none") && !own) {
            return Optional.of(
                    "it comes from a web page (Sec-Fetch-Site is \""
                            + fetchSite
                            + "\"); ask from a program, not from a browser");
        }
        return Optional.empty();
    }

    private static boolean isSame(String origin, String host) {
        return !host.isEmpty()
                && (origin.equalsIgnoreCase("http://" + host)
                        || origin.equalsIgnoreCase("https://" + host));
    }

    private boolean isOwn(String host) {
        String name = PORT.matcher(host.toLowerCase(Locale.ROOT)).replaceFirst("");
        return name.equals(configured) || LOOPBACK.matcher(name).matches();
    }

    private static String bracketed(String host) {
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    /// True for the names and literals of this machine's loopback.
    public static boolean isLoopback(String host) {
        return LOOPBACK.matcher(bracketed(host.toLowerCase(Locale.ROOT))).matches();
    }
}
