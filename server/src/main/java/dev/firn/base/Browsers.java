package dev.firn.base;

import java.util.Optional;

/// Keeps web pages away from interfaces that ask for no credentials. A page that somebody looks at
/// on this machine can send requests to loopback, and by DNS rebinding even read the answers; it
/// cannot choose these three headers.
public final class Browsers {
    private Browsers() {}

    /// Why a request must be refused, or nothing.
    ///
    /// @param host header `Host`, empty if absent
    /// @param origin header `Origin`, empty if absent
    /// @param fetchSite header `Sec-Fetch-Site`, empty if absent
    /// @param listening host that the interface was told to listen on
    public static Optional<String> refusal(
            String host, String origin, String fetchSite, String listening) {
        if (fetchSite.equals("cross-site") || fetchSite.equals("same-site")) {
            return Optional.of("a page of another site may not ask here");
        }
        if (!origin.isEmpty()
                && !origin.equals("http://" + host)
                && !origin.equals("https://" + host)) {
            return Optional.of("a page from " + origin + " may not ask here");
        }
        String name = hostName(host);
        if (isLoopback(listening)
                && !name.isEmpty()
                && !isLoopback(name)
                && !name.equals(listening)) {
            return Optional.of(
                    "this interface is not \"" + name + "\"; use 127.0.0.1 or localhost");
        }
        return Optional.empty();
    }

    private static String hostName(String host) {
        if (host.startsWith("[")) {
            return host.substring(1, Math.max(1, host.indexOf(']')));
        }
        int colon = host.indexOf(':');
        return colon < 0 ? host : host.substring(0, colon);
    }

    /// True for the names and literals of this machine's loopback.
    public static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.equals("::1")
                || host.matches("127(\\.[0-9]{1,3}){3}");
    }
}
