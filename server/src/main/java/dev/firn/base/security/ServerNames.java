package dev.firn.base.security;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// Whether a certificate is for a name (RFC 9525: only its subject alternative names count, and a
/// `*` stands for one whole first label).
final class ServerNames {
    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    private ServerNames() {}

    static boolean match(X509Certificate certificate, String name) {
        Collection<List<?>> names;
        try {
            names = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            return false;
        }
        if (names == null) {
            return false;
        }
        for (List<?> one : names) {
            boolean same =
                    one.get(1) instanceof String text
                            && switch ((Integer) one.get(0)) {
                                case DNS -> matches(text, name);
                                case ADDRESS -> text.equalsIgnoreCase(name);
                                default -> false;
                            };
            if (same) {
                return true;
            }
        }
        return false;
    }

    static boolean matches(String pattern, String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        String given = pattern.toLowerCase(Locale.ROOT);
        if (!given.startsWith("*.")) {
            return given.equals(wanted);
        }
        int dot = wanted.indexOf('.');
        return dot > 0
                && given.indexOf('.', 2) > 0
                && given.substring(1).equals(wanted.substring(dot));
    }
}
