package dev.firn.alert;

import dev.firn.config.AlertingConfig;
import dev.firn.query.AlertBook.Alert;
import dev.firn.query.AlertBook.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// An alert with the labels that receivers know it by: `alertname` (its rule), `source`,
/// `severity`, its subject's, and those of the configuration.
record Labelled(Alert alert, Map<String, String> labels) {
    static List<Labelled> all(List<Alert> alerts, AlertingConfig config) {
        var all = new ArrayList<Labelled>();
        for (Alert alert : alerts) {
            all.add(of(alert, config));
        }
        return all;
    }

    static Labelled of(Alert alert, AlertingConfig config) {
        var labels = new TreeMap<>(config.labels());
        alert.subject().forEach((name, value) -> labels.put(labelName(name), value));
        labels.put("alertname", alert.rule());
        if (alert.source() == Source.RULE) { // its labels are its own business
            labels.putIfAbsent("source", alert.source().label());
            labels.putIfAbsent("severity", alert.severity().label());
        } else {
            labels.put("source", alert.source().label());
            labels.put("severity", alert.severity().label());
        }
        labels.values().removeIf(String::isEmpty); // as Alertmanager does
        return new Labelled(alert, java.util.Collections.unmodifiableMap(labels));
    }

    /// As Prometheus names labels, which older Alertmanagers insist on.
    private static String labelName(String name) {
        String plain = name.replaceAll("[^a-zA-Z0-9_]", "_");
        return plain.isEmpty() || Character.isDigit(plain.charAt(0)) ? "_" + plain : plain;
    }

    String id() {
        return alert.id();
    }

    boolean firing() {
        return alert.state().equals("firing");
    }

    /// The labels of its group.
    Map<String, String> group(List<String> by) {
        var group = new LinkedHashMap<String, String>();
        for (String label : by) {
            group.put(label, labels.getOrDefault(label, ""));
        }
        return group;
    }
}
