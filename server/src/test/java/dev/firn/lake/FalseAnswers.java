package dev.firn.lake;

import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/// A catalog that lies about a share of its commits: done but reported as a conflict (a hidden
/// repeat), done with a lost answer, not done and unknown.
final class FalseAnswers implements Catalog {
    private final Catalog catalog;
    private final Lies lies;

    /// Happens between the deed and the false answer.
    volatile Runnable meanwhile = () -> {};

    /// Decides about each commit.
    interface Lies {
        Lie next();

        static Lies share(RandomGenerator random, double share) {
            return () ->
                    random.nextDouble() >= share
                            ? Lie.NONE
                            : Lie.values()[1 + random.nextInt(Lie.values().length - 1)];
        }
    }

    enum Lie {
        NONE,
        DONE_BUT_CONFLICT,
        DONE_BUT_LOST,
        NOT_DONE
    }

    FalseAnswers(Catalog catalog, Lies lies) {
        this.catalog = catalog;
        this.lies = lies;
    }

    @Override
    public Table loadTable(TableIdentifier identifier) {
        Table table = catalog.loadTable(identifier);
        return new BaseTable(
                new LyingOperations(
                        ((HasTableOperations) table).operations(), lies, () -> meanwhile.run()),
                table.name());
    }

    private record LyingOperations(TableOperations operations, Lies lies, Runnable meanwhile)
            implements TableOperations {
        @Override
        public TableMetadata current() {
            return operations.current();
        }

        @Override
        public TableMetadata refresh() {
            return operations.refresh();
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            Lie lie = lies.next();
            if (lie != Lie.NOT_DONE) {
                operations.commit(base, metadata);
            }
            if (lie != Lie.NONE) {
                meanwhile.run();
            }
            switch (lie) {
                case NONE -> {}
                case DONE_BUT_CONFLICT -> throw new CommitFailedException("a hidden repeat");
                case DONE_BUT_LOST ->
                        throw new CommitStateUnknownException(new RuntimeException("lost"));
                case NOT_DONE ->
                        throw new CommitStateUnknownException(new RuntimeException("not sent"));
            }
        }

        @Override
        public FileIO io() {
            return operations.io();
        }

        @Override
        public String metadataFileLocation(String fileName) {
            return operations.metadataFileLocation(fileName);
        }

        @Override
        public LocationProvider locationProvider() {
            return operations.locationProvider();
        }

        @Override
        public long newSnapshotId() {
            return operations.newSnapshotId();
        }
    }

    @Override
    public List<TableIdentifier> listTables(Namespace namespace) {
        return catalog.listTables(namespace);
    }

    @Override
    public boolean dropTable(TableIdentifier identifier, boolean purge) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void renameTable(TableIdentifier from, TableIdentifier to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public TableBuilder buildTable(TableIdentifier identifier, Schema schema) {
        return catalog.buildTable(identifier, schema);
    }

    @Override
    public void initialize(String name, Map<String, String> properties) {
        throw new UnsupportedOperationException();
    }
}
