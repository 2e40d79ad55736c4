package dev.firn.receive;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/// Refuses what a web page in somebody's browser sends: it reaches listeners on loopback that no
/// other machine can reach, under a name of its own that it lets point there (DNS rebinding).
/// Senders that are no browsers have neither `Origin` nor `Sec-Fetch-Site`.
final class WebPages {
    private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost\\.?|127(\\.[0-9]{1,3}){3}|\\[(::1|0:0:0:0:0:0:0:1)]");
    private static final Pattern PORT = Pattern.compile(":[0-9]*$");

    private final boolean loopback;
    private final String configured;

    /// @param address where the server listens
    WebPages(InetSocketAddress address) {
        loopback = address.getAddress() != null && address.getAddress().isLoopbackAddress();
        String host = address.getHostString().toLowerCase(Locale.ROOT);
        configured = host.contains(":") ? "[" + host + "]" : host;
    }

    /// @throws Refusal FORBIDDEN
    void check(Headers headers) {
        if (headers.contains(HeaderNames.ORIGIN)
                || headers.first(SEC_FETCH_SITE).orElse("").equalsIgnoreCase("cross-site")) {
            throw forbidden("it comes from a web page; send from a program, not from a browser");
        }
        String host = headers.first(HeaderNames.HOST).orElse("");
        if (loopback && !host.isEmpty() && !known(host)) {
            throw forbidden(
                    "this address serves loopback only, and Host is \""
                            + host
                            + "\"; send to localhost, or listen on the address meant");
        }
    }

    private boolean known(String host) {
        String name = PORT.matcher(host.toLowerCase(Locale.ROOT)).replaceFirst("");
        return name.equals(configured) || LOOPBACK.matcher(name).matches();
    }

    private static Refusal forbidden(String why) {
        return Refusal.of(Refusal.Kind.FORBIDDEN, "cannot take the request: " + why);
    }
}
