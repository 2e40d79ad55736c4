package dev.firn.analyse.slo;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// One objective: this share of these events is to be good over this window.
///
/// @param name unique among all definitions
/// @param displayName for people, may be empty
/// @param description at most 1050 characters, may be empty
/// @param service whose it is
/// @param indicator what is counted
/// @param target share of good ones, from 0 to below 1; decimal, so that 99.9 % of 1000 is 999
/// @param window over which
/// @param budgeting how
/// @param alerting of it
/// @param labels of the definition
/// @param place `file:line` where it stands
public record Slo(
        String name,
        String displayName,
        String description,
        String service,
        Indicator indicator,
        BigDecimal target,
        SloWindow window,
        Budgeting budgeting,
        Alerting alerting,
        Map<String, String> labels,
        String place) {
    /// What alerts on it are called, and which there are.
    ///
    /// @param name of the alerts, empty for one made of the objective's
    /// @param page whether to page people
    /// @param ticket whether to open tickets
    public record Alerting(String name, boolean page, boolean ticket) {
        /// Both alerts.
        public static final Alerting BOTH = new Alerting("", true, true);
    }

    public Slo {
        if (target.signum() < 0 || target.compareTo(BigDecimal.ONE) >= 0) {
            throw new IllegalArgumentException("a target is from 0 to below 1, not " + target);
        }
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }

    /// The share of events that may be bad.
    public double budget() {
        return BigDecimal.ONE.subtract(target).doubleValue();
    }
}
