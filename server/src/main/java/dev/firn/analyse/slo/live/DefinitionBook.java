package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.OpenSlo;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.SloFiles;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.Throttle;
import dev.firn.query.SloDefinitions;
import dev.firn.query.SloDefinitions.Definition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All objectives: those of files and those of `slo_definitions`. Where both have one for the same
/// (environment, metric_name, slo_type) the file's holds.
final class DefinitionBook {
    private static final Logger LOG = LoggerFactory.getLogger(DefinitionBook.class);

    private final List<String> files;
    private final SloDefinitions rows;
    private final Names names;
    private final Throttle complaints;
    private Map<String, String> texts = Map.of();
    private List<Slo> read = List.of();
    private @Nullable String trouble;

    /// Names as sent of a metric that is named in Prometheus' form.
    @FunctionalInterface
    interface Names {
        List<String> of(String metricName) throws InterruptedException;
    }

    /// A row that a file's definition overrides.
    ///
    /// @param by its name
    /// @param differs whether they say different things
    record Overridden(Definition row, String by, Definition definition, boolean differs) {}

    /// What there is.
    ///
    /// @param shown what `slo_definitions` is to show
    /// @param trouble what is wrong with the files, so that what they said before holds
    record All(
            List<Defined> objectives,
            List<Overridden> overridden,
            List<Definition> shown,
            @Nullable String trouble) {
        All {
            objectives = List.copyOf(objectives);
            overridden = List.copyOf(overridden);
            shown = List.copyOf(shown);
        }
    }

    private record Key(String environment, String metric, String type) {
        static Key of(Definition row) {
            return new Key(row.environment(), row.metricName(), row.sloType());
        }
    }

    /// @param files as in `slo.definitions`
    /// @throws InputException if they have mistakes
    DefinitionBook(List<String> files, SloDefinitions rows, Names names, Clock clock) {
        this.files = files;
        this.rows = rows;
        this.names = names;
        this.complaints = new Throttle(clock, 600);
        this.texts = SloFiles.texts(files);
        this.read = OpenSlo.read(texts);
    }

    /// Reads files that changed, and the rows.
    All current() throws InterruptedException {
        reread();
        var objectives = new ArrayList<Defined>();
        var ofFiles = new LinkedHashMap<Key, Defined>();
        for (Slo slo : read) {
            Defined one = Defined.of(slo);
            objectives.add(one);
            if (one.row() != null) {
                ofFiles.putIfAbsent(Key.of(one.row()), one);
            }
        }
        var shown = new ArrayList<Definition>();
        var overridden = new ArrayList<Overridden>();
        for (Definition row : rows.all()) {
            Defined file = ofFiles.get(Key.of(row));
            if (file != null && file.row() != null) {
                boolean differs = Double.compare(file.row().threshold(), row.threshold()) != 0;
                overridden.add(new Overridden(row, file.slo().name(), file.row(), differs));
                shown.add(differs ? file.row() : row);
                continue;
            }
            shown.add(row);
            Defined one = ofRow(row);
            if (one != null) {
                objectives.add(one);
            }
        }
        ofFiles.forEach((key, one) -> {
            if (one.row() != null
                    && overridden.stream().noneMatch(row -> Key.of(row.row()).equals(key))) {
                shown.add(one.row());
            }
        });
        return new All(objectives, overridden, shown, trouble);
    }

    private @Nullable Defined ofRow(Definition row) throws InterruptedException {
        List<String> metrics = Defined.wellKnown(row.metricName());
        if (metrics == null) {
            List<String> found = names.of(row.metricName());
            metrics = found.isEmpty() ? List.of(row.metricName()) : found;
        }
        try {
            return Defined.of(row, metrics);
        } catch (IllegalArgumentException e) {
            if (complaints.permit() >= 0) {
                LOG.warn(
                        "cannot evaluate the row ({}, {}, {}) of slo_definitions: {}",
                        row.environment(),
                        row.metricName(),
                        row.sloType(),
                        e.getMessage());
            }
            return null;
        }
    }

    private void reread() {
        try {
            Map<String, String> now = SloFiles.texts(files);
            if (!now.equals(texts)) {
                read = OpenSlo.read(now);
                texts = now;
                LOG.info("read {} objectives from {} files", read.size(), now.size());
            }
            trouble = null;
        } catch (InputException e) {
            trouble = e.getMessage();
            if (complaints.permit() >= 0) {
                LOG.warn(
                        "files of objectives changed, but what they said before holds: {}",
                        trouble);
            }
        }
    }
}
