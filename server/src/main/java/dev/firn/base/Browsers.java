package dev.firn.base;

import java.net.InetSocketAddress;
import java.util.List;
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

    /// A page whose address has one of these in it was not rebound.
    private static final Pattern LITERAL =
            Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+]");

    private static final List<String> NONE = List.of();
    private static final List<String> ANY = List.of("*");

    private final boolean loopback;
    private final String configured;
    private final List<String> hosts;
    private final boolean ownPages;
    private final Predicate<String> allowedOrigins;

    private Browsers(
            InetSocketAddress listening,
            List<String> hosts,
            boolean ownPages,
            Predicate<String> allowedOrigins) {
        this.configured = bracketed(listening.getHostString().toLowerCase(Locale.ROOT));
        this.loopback = isLoopback(listening);
        this.hosts = hosts;
        this.ownPages = ownPages;
        this.allowedOrigins = allowedOrigins;
    }

    /// For an interface whose own pages may ask it, and no others. Where it listens to the network,
    /// it may be asked by any name.
    ///
    /// @param listening where it listens, by the name that the configuration gives
    public static Browsers ownPages(InetSocketAddress listening) {
        return new Browsers(listening, isLoopback(listening) ? NONE : ANY, true, origin -> false);
    }

    /// Likewise; it may be asked by loopback's names, by the name where it listens and those given,
    /// and where it listens to the network by addresses.
    ///
    /// @param hosts names, `*.name` for all below one, `*` for all; in lower case
    public static Browsers ownPages(InetSocketAddress listening, List<String> hosts) {
        return new Browsers(listening, hosts, true, origin -> false);
    }

    /// For an interface that serves no pages, so that a page is always another's.
    ///
    /// @param listening where it listens, by the name that the configuration gives
    /// @param allowedOrigins tells of a header `Origin` (CORS) whether its pages may ask all the
    ///   same
    public static Browsers noPages(InetSocketAddress listening, Predicate<String> allowedOrigins) {
        return new Browsers(listening, isLoopback(listening) ? NONE : ANY, false, allowedOrigins);
    }

    /// Why a request must be refused, as the end of a sentence, or nothing.
    ///
    /// @param host header `Host`, empty if absent
    /// @param origin header `Origin`, empty if absent
    /// @param fetchSite header `Sec-Fetch-Site`, empty if absent
    public Optional<String> refusal(String host, String origin, String fetchSite) {
        if (!host.isEmpty() && !isOwn(host)) {
            return Optional.of(
                    loopback && hosts.isEmpty()
                            ? "this address serves loopback only, and Host is \""
                                    + host
                                    + "\"; use localhost or 127.0.0.1, or listen on the address"
                                    + " meant"
                            : "Host \""
                                    + host
                                    + "\" is no name of this server; ask by its address, or add"
                                    + " the name to web.hosts");
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
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        return name.equals(configured)
                || LOOPBACK.matcher(name).matches()
                || (!loopback && LITERAL.matcher(name).matches())
                || fitsOne(name);
    }

    private boolean fitsOne(String name) {
        return hosts.stream().anyMatch(host -> fits(host, name));
    }

    private static boolean fits(String host, String name) {
        return host.equals("*")
                || host.equals(name)
                || (host.startsWith("*.") && name.endsWith(host.substring(1)));
    }

    private static boolean isLoopback(InetSocketAddress listening) {
        return isLoopback(listening.getHostString())
                || (listening.getAddress() != null && listening.getAddress().isLoopbackAddress());
    }

    private static String bracketed(String host) {
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    /// True for the names and literals of this machine's loopback.
    public static boolean isLoopback(String host) {
        return LOOPBACK.matcher(bracketed(host.toLowerCase(Locale.ROOT))).matches();
    }
}
