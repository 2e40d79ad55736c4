package dev.firn.alert.template;

/// `host:port` taken apart (Go, net.SplitHostPort).
final class Hosts {
    private Hosts() {}

    /// Where the port's colon is; -1 if the text has no such form.
    private static int colon(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return -1;
        }
        if (text.startsWith("[")) {
            return text.indexOf(']') == colon - 1 ? colon : -1;
        }
        return text.indexOf(':') == colon && text.indexOf(']') < 0 ? colon : -1;
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    static String withoutPort(String text) {
        int colon = colon(text);
        return colon < 0 ? text : bare(text.substring(0, colon));
    }

    /// The first part of a name; addresses stay.
    static String withoutDomain(String text) {
        int colon = colon(text);
        String host = colon < 0 ? text : bare(text.substring(0, colon));
        if (host.contains(":") || host.matches("[0-9]+(\\.[0-9]+){3}")) {
            return text;
        }
        String name = host.split("\\.", 2)[0];
        String port = colon < 0 ? "" : text.substring(colon + 1);
        return port.isEmpty() ? name : name + ":" + port;
    }
}
