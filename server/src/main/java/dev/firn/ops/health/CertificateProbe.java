package dev.firn.ops.health;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.Pem;
import io.prometheus.metrics.core.metrics.Gauge;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/// How long Firn's own certificates are valid.
public final class CertificateProbe implements Probe {
    private static final double DAY_SECONDS = 86_400;

    private final List<Pem> certificates;
    private final Clock clock;
    private final Gauge ends;

    /// @param certificates of listeners and clients, each with those that lead to its authority
    public CertificateProbe(List<Pem> certificates, OwnMetrics metrics, Clock clock) {
        this.certificates = List.copyOf(certificates);
        this.clock = clock;
        this.ends =
                metrics.gauge(
                        "firn_certificate_expiry_timestamp_seconds",
                        "When the first certificate of a file ends, seconds since 1970.",
                        "certificate");
    }

    @Override
    public List<Finding> look(History history) {
        return certificates.stream().map(this::valid).toList();
    }

    private Finding valid(Pem pem) {
        String id = "certificate " + pem.key();
        String advice = "renew " + pem.place() + "; with reload_interval no restart is needed";
        try {
            long end = endsMillis(pem);
            ends.labelValues(pem.key()).set(end / 1e3);
            double left = (end - clock.millis()) / 1e3;
            // "upTo" speaks of figures that are bad when high
            return Finding.upTo(
                    id,
                    Section.AROUND,
                    -left,
                    -14 * DAY_SECONDS,
                    -2 * DAY_SECONDS,
                    left < 0
                            ? "ended " + Shown.seconds(-left) + " ago"
                            : "valid for another " + Shown.seconds(left),
                    "14 d, critical 2 d",
                    advice);
        } catch (CertificateException | InputException e) {
            return new Finding(
                    id,
                    Section.AROUND,
                    State.CRITICAL,
                    "cannot be read: " + e.getMessage(),
                    "",
                    advice);
        }
    }

    private static long endsMillis(Pem pem) throws CertificateException {
        byte[] text = pem.read().getBytes(StandardCharsets.ISO_8859_1);
        long ends = Long.MAX_VALUE;
        for (Certificate one :
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(text))) {
            if (one instanceof X509Certificate certificate) {
                ends = Math.min(ends, certificate.getNotAfter().getTime());
            }
        }
        if (ends == Long.MAX_VALUE) {
            throw new CertificateException("there is no certificate in it");
        }
        return ends;
    }
}
