package dev.firn.alert;

import dev.firn.config.AlertingConfig.Inhibition;
import dev.firn.config.LabelMatch;
import dev.firn.query.AlertSilences.Silence;
import java.util.List;
import java.util.function.Predicate;

/// Which alerts nobody is to be told of now.
record Quiet(List<Silence> silences, List<Inhibition> inhibitions, List<Labelled> firing, long now)
        implements Predicate<Labelled> {
    @Override
    public boolean test(Labelled one) {
        return silences.stream().anyMatch(silence -> silence.fits(one.labels(), now))
                || inhibitions.stream().anyMatch(rule -> inhibits(rule, one));
    }

    /// An alert that fits both sides does not inhibit itself, nor what fits both sides as it does.
    ///
    /// Source: https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule
    private boolean inhibits(Inhibition rule, Labelled one) {
        if (!LabelMatch.allFit(rule.target(), one.labels())) {
            return false;
        }
        boolean both = LabelMatch.allFit(rule.source(), one.labels());
        return firing.stream()
                .anyMatch(other ->
                        LabelMatch.allFit(rule.source(), other.labels())
                                && !(both && LabelMatch.allFit(rule.target(), other.labels()))
                                && other.group(rule.equal()).equals(one.group(rule.equal())));
    }
}
