package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Detector.Kind;
import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.config.Section;
import dev.firn.config.YamlDocuments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// `config/anomaly.yaml`: signals of one's own, as statements over the engine, and those of Firn's
/// own that are not watched.
///
/// @param off of [Signals#ALL]
public record SignalSettings(Set<String> off, List<Sql> signals) {
    /// No configuration: Firn's own signals.
    public static final SignalSettings NONE = new SignalSettings(Set.of(), List.of());

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
    private static final int SIGNALS_MAX = 100;

    /// A signal that a statement reads.
    ///
    /// @param sql with `{from:UInt32}` and `{to:UInt32}`, the starts of the first interval and of
    ///   the one after the last, in seconds
    public record Sql(String name, Kind kind, String sql) {}

    public SignalSettings {
        off = Set.copyOf(off);
        signals = List.copyOf(signals);
    }

    /// Reads the file that `anomaly.signals` names; empty for none.
    ///
    /// @throws InputException with all mistakes, one a line
    public static SignalSettings open(String file) {
        if (file.isEmpty()) {
            return NONE;
        }
        try {
            return read(file, Files.readString(Path.of(file)));
        } catch (IOException e) {
            throw new InputException(
                    "anomaly.signals: cannot read \"" + file + "\": " + Reason.of(e));
        }
    }

    static SignalSettings read(String file, String text) {
        var problems = new ArrayList<String>();
        var off = new HashSet<String>();
        var signals = new ArrayList<Sql>();
        var names = new HashSet<String>(Signals.ALL);
        for (Section document : YamlDocuments.read(file, text, problems)) {
            for (String name : document.texts("off")) {
                if (!Signals.ALL.contains(name)) {
                    document.problem("off", "\"" + name + "\" is none of " + Signals.ALL);
                }
                off.add(name);
            }
            for (Section section : document.sections("signals")) {
                signals.add(signal(section, names));
            }
            document.close();
        }
        if (signals.size() > SIGNALS_MAX) {
            problems.add(file + ": " + signals.size() + " signals are more than " + SIGNALS_MAX);
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return new SignalSettings(off, signals);
    }

    private static Sql signal(Section section, Set<String> names) {
        String name = section.text("name", "");
        if (!NAME.matcher(name).matches()) {
            section.problem(
                    "name",
                    "\"" + name + "\" is no name; use a-z, then a-z, 0-9 and _, up to 63 in all");
        } else if (!names.add(name)) {
            section.problem("name", "\"" + name + "\" is taken; use another");
        }
        String kind = section.word("kind", "gauge", "gauge", "count", "ratio");
        String sql = section.text("sql", "").strip();
        if (!sql.contains("{from:UInt32}") || !sql.contains("{to:UInt32}")) {
            section.problem(
                    "sql",
                    "needs {from:UInt32} and {to:UInt32}: seconds of the first interval and of the end");
        }
        if (sql.endsWith(";")) {
            section.problem("sql", "ends with a semicolon; leave it out");
        }
        section.close();
        return new Sql(name, Kind.valueOf(kind.toUpperCase(Locale.ROOT)), sql);
    }
}
