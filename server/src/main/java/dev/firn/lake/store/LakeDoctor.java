package dev.firn.lake.store;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.config.LakeConfig;
import dev.firn.lake.LakePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Proves that the lake can be used, by using it: a probe object is written, read, replaced, listed
/// and deleted, a probe table is made, committed to and dropped. Nothing of it stays.
public final class LakeDoctor {
    /// How one step ended.
    ///
    /// @param detail what was seen, or what is missing
    public record Finding(String step, boolean ok, String detail) {}

    /// What a step does; says what it saw.
    private interface Step {
        String run() throws IOException;
    }

    /// S3 refuses requests that are 15 min off; far below that commits still look odd to readers.
    private static final Duration SKEW_MAX = Duration.ofSeconds(60);

    private static final Namespace NAMESPACE = Namespace.of(LakePaths.NAMESPACE);

    private final Store store;
    private final Denial denial;
    private final Clock clock;
    private final Consumer<Finding> each;
    private boolean sound = true;

    /// @param each told of each step as it ends
    public LakeDoctor(LakeConfig config, Store store, Clock clock, Consumer<Finding> each) {
        this.store = store;
        this.denial = new Denial(config);
        this.clock = clock;
        this.each = each;
    }

    /// Tries everything that can be tried.
    ///
    /// @return true if nothing is missing
    public boolean examine() {
        String warehouse = store.warehouse();
        if (warehouse.isEmpty()) {
            each.accept(new Finding("files", true, "where the REST catalog says"));
        } else {
            files(warehouse);
        }
        catalog();
        return sound;
    }

    private boolean step(String name, String permission, String on, Step step) {
        try {
            each.accept(new Finding(name, true, step.run()));
            return true;
        } catch (IOException | RuntimeException e) {
            sound = false;
            each.accept(new Finding(name, false, denial.explain(e, permission, on)));
            return false;
        }
    }

    private void files(String warehouse) {
        String probe = warehouse + "/firn-probe-" + UUID.randomUUID();
        String rights = arn(probe);
        boolean remote = StoreFiles.onS3(warehouse);
        boolean written =
                step(
                        "write",
                        "s3:PutObject",
                        rights,
                        () -> {
                            write(probe, "first");
                            return probe;
                        });
        if (remote) {
            step("list", "s3:ListBucket", arn(bucket(warehouse)), () -> list(probe, written));
        }
        if (!written) {
            return;
        }
        step("read", "s3:GetObject", rights, () -> read(probe, "first"));
        step(
                "replace",
                "s3:PutObject",
                rights,
                () -> {
                    write(probe, "second");
                    return read(probe, "second");
                });
        step(
                "delete",
                "s3:DeleteObject",
                rights,
                () -> {
                    files().deleteFile(probe);
                    if (files().newInputFile(probe).exists()) {
                        throw new WorldException("the probe is still there after it was deleted");
                    }
                    return "the probe is gone";
                });
        if (remote) {
            step("clock", "s3:ListBucket", arn(bucket(warehouse)), () -> skew(bucket(warehouse)));
        }
    }

    private StoreFiles files() {
        return store.files();
    }

    private void write(String location, String text) throws IOException {
        try (var out = files().newOutputFile(location).createOrOverwrite()) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private String read(String location, String expected) throws IOException {
        byte[] found;
        try (var in = files().newInputFile(location).newStream()) {
            found = in.readAllBytes();
        }
        if (!Arrays.equals(found, expected.getBytes(StandardCharsets.UTF_8))) {
            throw new WorldException(
                    "the probe reads \""
                            + new String(found, StandardCharsets.UTF_8)
                            + "\" where \""
                            + expected
                            + "\" was written");
        }
        return found.length + " bytes";
    }

    private String list(String probe, boolean expected) {
        for (FileInfo file : files().listPrefix(probe)) {
            if (file.location().equals(probe)) {
                return "the probe is listed";
            }
        }
        if (expected) {
            throw new WorldException("the probe that was written is not listed");
        }
        return "nothing is there";
    }

    private static String bucket(String location) {
        String path = location.substring("s3://".length());
        int end = path.indexOf('/');
        return "s3://" + (end < 0 ? path : path.substring(0, end));
    }

    /// As a policy names it.
    private static String arn(String location) {
        return StoreFiles.onS3(location)
                ? "arn:aws:s3:::"
                        + location.substring("s3://".length()).replaceAll("/firn-probe-.*", "/*")
                : location;
    }

    private String skew(String bucket) {
        String name = bucket.substring("s3://".length());
        String date =
                files().client()
                        .listObjectsV2(request -> request.bucket(name).maxKeys(1))
                        .sdkHttpResponse()
                        .firstMatchingHeader("Date")
                        .orElse("");
        try {
            Instant server =
                    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            Duration skew = Duration.between(server, Instant.EPOCH.plusNanos(clock.nanos())).abs();
            if (skew.compareTo(SKEW_MAX) > 0) {
                throw new WorldException(
                        "this machine's clock is "
                                + skew.toSeconds()
                                + " s off the server's; set it (NTP)");
            }
            return "within " + Math.max(1, skew.toSeconds()) + " s of the server's";
        } catch (DateTimeException e) {
            return "the server says no date";
        }
    }

    private void catalog() {
        Catalog[] opened = {null};
        boolean reached =
                step(
                        "catalog",
                        "to list namespaces",
                        "",
                        () -> {
                            Catalog catalog = store.openCatalog();
                            opened[0] = catalog;
                            return namespaces(catalog);
                        });
        if (reached && opened[0] != null) {
            table(opened[0]);
        }
    }

    private static String namespaces(Catalog catalog) {
        if (!(catalog instanceof SupportsNamespaces namespaces)) {
            return "reached";
        }
        boolean there = namespaces.namespaceExists(NAMESPACE);
        List<TableIdentifier> tables = there ? catalog.listTables(NAMESPACE) : List.of();
        return there
                ? "namespace " + NAMESPACE + " with " + tables.size() + " tables"
                : "no namespace " + NAMESPACE + " yet";
    }

    private void table(Catalog catalog) {
        var name =
                TableIdentifier.of(
                        NAMESPACE,
                        LakePaths.PROBE + UUID.randomUUID().toString().replace('-', '_'));
        @Nullable Table[] made = {null};
        boolean created =
                step(
                        "create table",
                        "to create tables in namespace " + NAMESPACE,
                        name.toString(),
                        () -> {
                            createNamespace(catalog);
                            made[0] = create(catalog, name);
                            return made[0].location();
                        });
        Table table = made[0];
        if (!created || table == null) {
            return;
        }
        step(
                "commit",
                "to commit to tables in namespace " + NAMESPACE,
                name.toString(),
                () -> {
                    table.updateProperties().set("firn.probe", "1").commit();
                    Table again = catalog.loadTable(name);
                    if (!"1".equals(again.properties().get("firn.probe"))) {
                        throw new WorldException("the commit is not seen by a second look");
                    }
                    return "seen by a second look";
                });
        step(
                "drop table",
                "to drop tables in namespace " + NAMESPACE,
                name.toString(),
                () -> {
                    // A table that was dropped may answer nothing any more.
                    String location = table.location();
                    FileIO io = table.io();
                    catalog.dropTable(name, false);
                    clear(io, location);
                    return "the probe is gone";
                });
    }

    private static void createNamespace(Catalog catalog) {
        if (catalog instanceof SupportsNamespaces namespaces
                && !namespaces.namespaceExists(NAMESPACE)) {
            try {
                namespaces.createNamespace(NAMESPACE);
            } catch (AlreadyExistsException e) {
                return; // another process was faster
            }
        }
    }

    private Table create(Catalog catalog, TableIdentifier name) {
        var schema = new Schema(Types.NestedField.required(1, "probe", Types.LongType.get()));
        Catalog.TableBuilder builder = catalog.buildTable(name, schema);
        if (!store.warehouse().isEmpty()) {
            builder.withLocation(store.warehouse() + "/" + LakePaths.NAMESPACE + "/" + name.name());
        }
        return builder.create();
    }

    /// Takes the probe table's metadata files away.
    private static void clear(FileIO io, String location) throws IOException {
        if (StoreFiles.onS3(location)) {
            if (io instanceof SupportsPrefixOperations files) {
                files.deletePrefix(location + "/");
            }
            return;
        }
        Path folder = Path.of(location.replaceFirst("^file:(//)?", ""));
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var all = Files.walk(folder)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
