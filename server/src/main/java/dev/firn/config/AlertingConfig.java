package dev.firn.config;

import dev.firn.base.security.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `alerting`: who is told of alerts.
///
/// @param externalUrl of Firn's web interface, for links in what is sent; empty: none
/// @param labels added to those of each alert
/// @param severities that anybody is told of
/// @param groupBy labels; alerts that are equal in them are one message
/// @param groupWaitNanos after the first alert of a group, for others to join it
/// @param groupIntervalNanos between messages about a group that changed
/// @param repeatIntervalNanos between messages about a group that did not
/// @param healthForNanos a check of the health page fails for so long before it is an alert
/// @param log whether messages go to Firn's log, too
/// @param inhibitions alerts that others make unnecessary
public record AlertingConfig(
        String externalUrl,
        Map<String, String> labels,
        List<String> severities,
        List<String> groupBy,
        long groupWaitNanos,
        long groupIntervalNanos,
        long repeatIntervalNanos,
        long healthForNanos,
        boolean log,
        List<Receiver> alertmanagers,
        List<Receiver> webhooks,
        List<Inhibition> inhibitions) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;
    private static final int RECEIVERS_MAX = 16;
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*";

    /// What applies where nothing is set.
    public static final AlertingConfig DEFAULTS =
            new AlertingConfig(
                    "",
                    Map.of(),
                    List.of("page", "ticket"),
                    List.of("alertname", "source"),
                    30 * SECOND,
                    300 * SECOND,
                    4 * 3_600 * SECOND,
                    60 * SECOND,
                    true,
                    List.of(),
                    List.of(),
                    List.of());

    /// Where messages go.
    ///
    /// @param url it may hold a secret, so it is not for messages
    /// @param headers sent with each request; they may hold secrets
    /// @param matches which alerts it gets; none: all
    public record Receiver(
            String name,
            URI url,
            Map<String, Secret> headers,
            long timeoutNanos,
            Optional<TlsConfig> tls,
            List<LabelMatch> matches) {
        public Receiver {
            headers = Map.copyOf(headers);
            matches = List.copyOf(matches);
        }

        static Receiver read(Section section, String name) {
            var receiver =
                    new Receiver(
                            section.text("name", name),
                            url(section),
                            ClientConfig.headers(section),
                            section.nanos("timeout", 10 * SECOND, SECOND, 120 * SECOND),
                            TlsConfig.client(section),
                            LabelMatch.read(section, "matchers"));
            section.close();
            return receiver;
        }

        private static URI url(Section section) {
            String text = section.text("url", "");
            try {
                var url = new URI(text);
                String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
                if (url.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
                    return url;
                }
            } catch (URISyntaxException e) {
                // said below, without the text, which may hold a secret
            }
            section.problem("url", "write an address like http://127.0.0.1:9093");
            return URI.create("http://127.0.0.1");
        }
    }

    /// While an alert fits `source`, those that fit `target` and are equal to it in `equal` are not
    /// told of.
    public record Inhibition(List<LabelMatch> source, List<LabelMatch> target, List<String> equal) {
        public Inhibition {
            source = List.copyOf(source);
            target = List.copyOf(target);
            equal = List.copyOf(equal);
        }

        private static Inhibition read(Section section) {
            var inhibition =
                    new Inhibition(
                            LabelMatch.read(section, "source_matchers"),
                            LabelMatch.read(section, "target_matchers"),
                            section.texts("equal"));
            if (inhibition.source.isEmpty() || inhibition.target.isEmpty()) {
                section.problem("name at least one of source_matchers and of target_matchers");
            }
            section.close();
            return inhibition;
        }
    }

    public AlertingConfig {
        labels = Map.copyOf(labels);
        severities = List.copyOf(severities);
        groupBy = List.copyOf(groupBy);
        alertmanagers = List.copyOf(alertmanagers);
        webhooks = List.copyOf(webhooks);
        inhibitions = List.copyOf(inhibitions);
    }

    static AlertingConfig read(Section section) {
        Map<String, String> labels = section.textMap("labels");
        for (String name : labels.keySet()) {
            if (!name.matches(LABEL)) {
                section.problem(
                        "labels",
                        "\"" + name + "\" is not a name of letters, digits and underscores");
            }
        }
        List<String> severities =
                section.has("severities") ? section.texts("severities") : DEFAULTS.severities;
        for (String one : severities) {
            if (!List.of("page", "ticket", "info").contains(one)) {
                section.problem("severities", "\"" + one + "\" is none of page, ticket, info");
            }
        }
        var inhibitions = new ArrayList<Inhibition>();
        section.sections("inhibit_rules").forEach(one -> inhibitions.add(Inhibition.read(one)));
        var alerting =
                new AlertingConfig(
                        section.text("external_url", DEFAULTS.externalUrl),
                        labels,
                        severities,
                        section.has("group_by") ? section.texts("group_by") : DEFAULTS.groupBy,
                        section.nanos("group_wait", DEFAULTS.groupWaitNanos, 0, DAY),
                        section.nanos("group_interval", DEFAULTS.groupIntervalNanos, SECOND, DAY),
                        section.nanos(
                                "repeat_interval", DEFAULTS.repeatIntervalNanos, SECOND, 30 * DAY),
                        section.nanos("health_for", DEFAULTS.healthForNanos, 0, DAY),
                        section.bool("log", DEFAULTS.log),
                        receivers(section, "alertmanagers"),
                        receivers(section, "webhooks"),
                        inhibitions);
        section.close();
        return alerting;
    }

    private static List<Receiver> receivers(Section section, String key) {
        var all = new ArrayList<Receiver>();
        var names = new HashSet<String>();
        for (Section one : section.sections(key)) {
            Receiver receiver =
                    Receiver.read(one, key.substring(0, key.length() - 1) + "-" + (all.size() + 1));
            if (!names.add(receiver.name)) {
                one.problem("name", "\"" + receiver.name + "\" is another one's name already");
            }
            all.add(receiver);
        }
        if (all.size() > RECEIVERS_MAX) {
            section.problem(key, "there may be " + RECEIVERS_MAX + " at most");
        }
        return all;
    }
}
