package dev.firn.analyse.quality;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.config.Section;
import dev.firn.config.YamlDocuments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// `config/quality.yaml`: what is checked of which metrics, and from where on it is an incident.
/// The first rule whose patterns fit holds; without one, [Limits#USUAL].
public final class QualityRules {
    /// No configuration: everything is checked by the usual limits.
    public static final QualityRules NONE = new QualityRules(List.of());

    private static final Pattern ANYTHING = Pattern.compile(".*");
    private static final Set<String> REQUIRED = Set.of("service.name");

    /// What holds where no rule fits.
    private static final Rule USUAL =
            new Rule(ANYTHING, ANYTHING, ANYTHING, ANYTHING, Set.of(), REQUIRED, Limits.USUAL);

    private final List<Rule> rules;

    /// @param off checks that are not made
    /// @param required attributes that series must have
    private record Rule(
            Pattern metric,
            Pattern service,
            Pattern environment,
            Pattern plane,
            Set<Check> off,
            Set<String> required,
            Limits limits) {
        boolean fits(Group.Name of) {
            return metric.matcher(of.metric()).matches()
                    && service.matcher(of.service()).matches()
                    && environment.matcher(of.environment()).matches()
                    && plane.matcher(of.plane()).matches();
        }
    }

    private QualityRules(List<Rule> rules) {
        this.rules = rules;
    }

    /// Reads the file that `quality.rules` names; empty for none.
    ///
    /// @throws InputException with all mistakes, one a line
    public static QualityRules open(String file) {
        if (file.isEmpty()) {
            return NONE;
        }
        try {
            return read(file, Files.readString(Path.of(file)));
        } catch (IOException e) {
            throw new InputException(
                    "quality.rules: cannot read \"" + file + "\": " + Reason.of(e));
        }
    }

    static QualityRules read(String file, String text) {
        var problems = new ArrayList<String>();
        var rules = new ArrayList<Rule>();
        for (Section document : YamlDocuments.read(file, text, problems)) {
            for (Section rule : document.sections("rules")) {
                rules.add(rule(rule));
            }
            document.close();
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return new QualityRules(List.copyOf(rules));
    }

    private static Rule rule(Section section) {
        Set<Check> off = EnumSet.noneOf(Check.class);
        for (String id : section.texts("off")) {
            try {
                off.add(Check.of(id));
            } catch (IllegalArgumentException e) {
                section.problem(
                        "off",
                        "\""
                                + id
                                + "\" is none of "
                                + List.of(Check.values()).stream().map(Check::id).toList());
            }
        }
        var rule =
                new Rule(
                        glob(section, "metric"),
                        glob(section, "service"),
                        glob(section, "environment"),
                        glob(section, "plane"),
                        off,
                        section.has("required_attributes")
                                ? Set.copyOf(section.texts("required_attributes"))
                                : REQUIRED,
                        Limits.read(section, Limits.USUAL));
        section.close();
        return rule;
    }

    /// `*` stands for anything.
    private static Pattern glob(Section section, String key) {
        return Pattern.compile(
                java.util.Arrays.stream(section.text(key, "*").split("\\*", -1))
                        .map(Pattern::quote)
                        .collect(java.util.stream.Collectors.joining(".*")));
    }

    /// Attributes that series of a metric must have.
    Set<String> required(Group.Name of) {
        return holding(of).required;
    }

    private Rule holding(Group.Name of) {
        for (Rule rule : rules) {
            if (rule.fits(of)) {
                return rule;
            }
        }
        return USUAL;
    }

    /// Whether a finding is an incident.
    boolean isWrong(Finding finding) {
        Rule rule =
                holding(
                        new Group.Name(
                                finding.plane(),
                                finding.environment(),
                                finding.service(),
                                finding.metric()));
        return !rule.off.contains(finding.check())
                && finding.check().isWrong(finding.observed(), finding.expected(), rule.limits);
    }
}
