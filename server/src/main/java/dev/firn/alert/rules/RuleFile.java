package dev.firn.alert.rules;

import dev.firn.alert.template.Template;
import dev.firn.alert.template.TemplateException;
import dev.firn.base.InputException;
import dev.firn.config.Section;
import dev.firn.config.YamlDocuments;
import dev.firn.query.promql.lang.Durations;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.ParseException;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.lang.Quoting;
import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// A file of rules.
///
/// Source: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
public record RuleFile(String file, List<RuleGroup> groups) {
    public RuleFile {
        groups = List.copyOf(groups);
    }

    /// Reads a file, and as Prometheus its first document only.
    ///
    /// @param problems gets the mistakes, each with file and line
    /// @throws InputException if the text is no YAML
    public static RuleFile parse(
            String file, String text, Features features, List<String> problems) {
        List<Section> documents = YamlDocuments.read(file, text, problems);
        var groups = new ArrayList<RuleGroup>();
        if (!documents.isEmpty()) {
            Section root = documents.getFirst();
            var names = new HashSet<String>();
            for (Section section : root.sections("groups")) {
                groups.add(group(file, section, features));
                if (!names.add(section.text("name", ""))) {
                    section.problem("name", "is repeated in the same file");
                }
            }
            root.close();
        }
        return new RuleFile(file, groups);
    }

    public long rules() {
        return groups.stream().mapToLong(group -> group.rules().size()).sum();
    }

    private static RuleGroup group(String file, Section section, Features features) {
        String name = section.text("name", "");
        if (name.isEmpty()) {
            section.problem("a group needs a name");
        }
        Map<String, String> labels = section.textMap("labels");
        labelNames(section, "labels", labels.keySet());
        var rules = new ArrayList<Rule>();
        for (Section rule : section.sections("rules")) {
            rules.add(rule(rule, labels, features));
        }
        var group =
                new RuleGroup(
                        file,
                        name,
                        millis(section, "interval"),
                        section.has("query_offset")
                                ? OptionalLong.of(millis(section, "query_offset"))
                                : OptionalLong.empty(),
                        (int) section.integer("limit", 0, 0, Integer.MAX_VALUE),
                        rules);
        section.close();
        return group;
    }

    private static Rule rule(Section section, Map<String, String> ofGroup, Features features) {
        String record = section.text("record", "");
        String alert = section.text("alert", "");
        if (record.isEmpty() == alert.isEmpty()) {
            section.problem(
                    record.isEmpty()
                            ? "one of record and alert must be set"
                            : "only one of record and alert may be set");
        }
        String expr = section.text("expr", "");
        if (expr.isEmpty()) {
            section.problem("expr", "a rule needs one");
        } else {
            try {
                Parser.parse(expr, features);
            } catch (ParseException e) {
                section.problem("expr", "could not parse expression: " + e.getMessage());
            }
        }
        var labels = new LinkedHashMap<>(ofGroup);
        labels.putAll(section.textMap("labels"));
        labelNames(section, "labels", section.textMap("labels").keySet());
        Map<String, String> annotations = section.textMap("annotations");
        for (String name : annotations.keySet()) {
            if (!Quoting.isLabelName(name)) {
                section.problem("annotations", "\"" + name + "\" is no name of an annotation");
            }
        }
        long hold = millis(section, "for");
        long keep = millis(section, "keep_firing_for");
        Rule rule;
        if (alert.isEmpty()) {
            recorded(section, record);
            rule = new Rule.Recording(record, expr, labels);
        } else {
            rule =
                    new Rule.Alerting(
                            alert,
                            expr,
                            templates(section, "labels", labels),
                            templates(section, "annotations", annotations),
                            hold,
                            keep);
        }
        section.close();
        return rule;
    }

    private static void recorded(Section section, String name) {
        for (String key : List.of("annotations", "for", "keep_firing_for")) {
            if (section.has(key)) {
                section.problem(key, "a recording rule has none");
            }
        }
        if (!Quoting.isLabelName(name) || name.contains("{") || name.contains("}")) {
            section.problem("record", "\"" + name + "\" is no name of a metric");
        }
    }

    private static void labelNames(Section section, String key, Set<String> names) {
        for (String name : names) {
            if (!Quoting.isLabelName(name) || name.equals(Labels.NAME)) {
                section.problem(key, "\"" + name + "\" is no name of a label here");
            }
        }
    }

    private static Map<String, Template> templates(
            Section section, String key, Map<String, String> texts) {
        var templates = new LinkedHashMap<String, Template>();
        texts.forEach((name, text) -> {
            try {
                templates.put(name, Template.parse(text));
            } catch (TemplateException e) {
                section.problem(key, name + ": " + e.getMessage());
            }
        });
        return templates;
    }

    private static long millis(Section section, String key) {
        String text = section.text(key, "0");
        OptionalLong millis = Durations.parseMillis(text);
        if (millis.isEmpty()) {
            section.problem(key, "\"" + text + "\" is no duration such as 5m");
        }
        return millis.orElse(0);
    }
}
