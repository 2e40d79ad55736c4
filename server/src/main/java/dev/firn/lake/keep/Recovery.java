package dev.firn.lake.keep;

import dev.firn.base.Disk;
import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeFiles;
import dev.firn.lake.LakePaths;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.jspecify.annotations.Nullable;

/// Rebuilds a lost, damaged or too old SQLite catalog from the metadata files of a local lake.
///
/// The newest file of a table is the one with the greatest version. Two of one version come from a
/// lost race, and `current.metadata.json`, which is replaced after each commit, tells which won.
/// Where it cannot (the crash came before the copy), either is right for the writers: the log is
/// released only after the copy, so that the loser's rows are committed again.
public final class Recovery {
    private static final Pattern VERSION = Pattern.compile("(\\d+)-.*\\.metadata\\.json");

    /// One table.
    ///
    /// @param metadata location of the newest metadata
    /// @param version in its name
    /// @param catalog version that the catalog holds; -1 if it holds none that can be read
    /// @param positions of its writers in the newest metadata
    /// @param catalogPositions of its writers as the catalog has it
    /// @param note what a person should know; empty if nothing
    public record Found(
            String table,
            String metadata,
            long version,
            long catalog,
            int snapshots,
            Map<String, String> positions,
            Map<String, String> catalogPositions,
            String note) {
        public Found {
            positions = java.util.Collections.unmodifiableMap(new TreeMap<>(positions));
            catalogPositions =
                    java.util.Collections.unmodifiableMap(new TreeMap<>(catalogPositions));
        }

        boolean behind() {
            return catalog < version && !note.startsWith(UNDECIDED);
        }
    }

    private static final String UNDECIDED = "newer than the last copy";

    private final Path data;
    private final Disk disk;
    private final LakeFiles files;

    public Recovery(Path data, Disk disk) {
        this.data = data.toAbsolutePath().normalize();
        this.disk = disk;
        this.files = new LakeFiles(disk);
    }

    /// What the catalog's file says is wrong; empty if it is sound and names, for every table, the
    /// newest metadata.
    public String damage() {
        return damage(LakePaths.catalog(data));
    }

    private String damage(Path catalog) {
        if (!disk.exists(catalog)) {
            return "there is no \"" + catalog + "\"";
        }
        try {
            CatalogFile.read(catalog);
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
        for (Found found : look(catalog)) {
            if (found.behind()) {
                return "it names "
                        + (found.catalog < 0
                                ? "no metadata that can be read"
                                : "version " + found.catalog)
                        + " of table "
                        + found.table
                        + ", the newest is "
                        + found.version;
            }
        }
        return "";
    }

    /// The tables of the warehouse, by name, against the catalog in place.
    public List<Found> look() {
        return look(LakePaths.catalog(data));
    }

    /// The same against another catalog, a backup.
    ///
    /// @throws WorldException when there is no table
    public List<Found> look(Path catalog) {
        Path warehouse = LakePaths.warehouse(data).resolve(LakePaths.NAMESPACE);
        Map<String, String> known = new TreeMap<>();
        try {
            if (disk.exists(catalog)) {
                known.putAll(CatalogFile.read(catalog));
            }
        } catch (SQLException e) {
            known.clear(); // damage() says so
        }
        var found = new ArrayList<Found>();
        try {
            for (Path folder : disk.list(warehouse)) {
                String name = String.valueOf(folder.getFileName());
                found.add(look(name, warehouse.resolve(name), known.get(name)));
            }
        } catch (IOException e) {
            throw new WorldException("cannot list \"" + warehouse + "\": " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new WorldException(
                    "cannot find a table below \""
                            + warehouse
                            + "\"; firn lake recover rebuilds the default lake on local disk only");
        }
        return found;
    }

    private Found look(String name, Path folder, @Nullable String known) throws IOException {
        List<Path> newest = newest(folder.resolve("metadata"));
        if (newest.isEmpty()) {
            throw new WorldException(
                    "cannot recover table \"" + name + "\": \"" + folder + "\" holds no metadata");
        }
        Path copy = folder.resolve(LakePaths.CURRENT_METADATA);
        byte[] current = disk.exists(copy) ? disk.readAll(copy) : new byte[0];
        Path chosen = newest.getLast();
        String note =
                UNDECIDED
                        + ", "
                        + LakePaths.CURRENT_METADATA
                        + ": a crash came in between, or"
                        + " its commit failed";
        for (Path one : newest) {
            if (Arrays.equals(disk.readAll(one), current)) {
                chosen = one;
                note = "";
            }
        }
        TableMetadata metadata = TableMetadataParser.read(files, chosen.toString());
        @Nullable TableMetadata before = read(known);
        return new Found(
                name,
                chosen.toString(),
                version(chosen),
                before == null || known == null ? -1 : version(LakePaths.local(known)),
                metadata.snapshots().size(),
                positions(metadata),
                before == null ? Map.of() : positions(before),
                note);
    }

    private @Nullable TableMetadata read(@Nullable String location) {
        try {
            return location == null ? null : TableMetadataParser.read(files, location);
        } catch (RuntimeException e) {
            return null; // the catalog names what is not there
        }
    }

    private static Map<String, String> positions(TableMetadata metadata) {
        var positions = new TreeMap<String, String>();
        metadata.properties()
                .forEach((key, value) -> {
                    if (key.startsWith(LakePaths.WRITER_PROPERTY)) {
                        positions.put(key.substring(LakePaths.WRITER_PROPERTY.length()), value);
                    }
                });
        return positions;
    }

    /// Files of the greatest version.
    private List<Path> newest(Path folder) throws IOException {
        long greatest = -1;
        var newest = new ArrayList<Path>();
        for (Path listed : disk.list(folder)) {
            Path file = folder.resolve(String.valueOf(listed.getFileName()));
            long version = version(file);
            if (version > greatest) {
                greatest = version;
                newest.clear();
            }
            if (version >= 0 && version == greatest) {
                newest.add(file);
            }
        }
        return newest;
    }

    private static long version(Path file) {
        Matcher matcher = VERSION.matcher(String.valueOf(file.getFileName()));
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /// Makes a new catalog of what [#look] found; the old one is moved aside. Nobody may have it
    /// open.
    ///
    /// @param suffix of the old one's new name
    public void rebuild(List<Found> found, String suffix) {
        try {
            CatalogFile.moveAside(data, suffix, disk);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot move the catalog of \"" + data + "\" aside: " + e.getMessage(), e);
        }
        try (LakeCatalog catalog = LakeCatalog.sqlite(data, disk)) {
            for (Found one : found) {
                catalog.register(one.table(), one.metadata());
                catalog.refreshCurrentMetadata(catalog.load(one.table()));
            }
        }
    }

    /// Puts a backup in the catalog's place; the old one is moved aside. Nobody may have it open.
    ///
    /// @param force although the backup is older than the lake
    /// @return the tables against the backup
    /// @throws InputException when the file is no catalog, or is older and that is not forced
    public List<Found> restore(Path backup, boolean force, String suffix) {
        try {
            CatalogFile.read(backup);
        } catch (SQLException e) {
            throw new InputException(
                    "cannot restore \"" + backup + "\": it is no sound catalog: " + e.getMessage());
        }
        List<Found> found = look(backup);
        for (Found one : found) {
            if (one.behind() && !force) {
                throw new InputException(
                        "cannot restore \""
                                + backup
                                + "\": it names version "
                                + one.catalog
                                + " of table "
                                + one.table
                                + " with positions "
                                + one.catalogPositions
                                + ", the newest metadata is version "
                                + one.version
                                + " with positions "
                                + one.positions
                                + "; firn lake recover takes the newest; --force goes back all the"
                                + " same, and writers will refuse to go on");
            }
        }
        try {
            CatalogFile.moveAside(data, suffix, disk);
            CatalogFile.put(backup, data, disk);
        } catch (IOException e) {
            throw new WorldException("cannot restore \"" + backup + "\": " + e.getMessage(), e);
        }
        return found;
    }
}
