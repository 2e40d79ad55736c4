package dev.firn.engine.child;

import dev.firn.base.WorldException;
import dev.firn.base.security.Visible;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The loaded library with its data: opens a fresh connection for each request (1.1 ms), so that no
/// state passes from one user to the next. One connection is kept so that the engine stays up.
final class Engine implements AutoCloseable {
    /// Files of a list by address (`FileServer`), when a table is made and when it is read.
    private static final int FILES_MAX = 150_000;

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final Chdb chdb;
    private final EngineConfig config;
    private final FullDisk fullDisk;
    private final Chdb.Connection keeper;
    private final String version;
    private final String timezone;
    private final Set<String> settings;
    private final Set<String> closedTableFunctions;
    private final Set<String> nondeterministicFunctions;

    /// Who asks: decides what a connection may do.
    enum Role {
        READER,
        /// Reads, and writes what [AdminGate] lets through.
        ADMIN,
        INTERNAL
    }

    /// Loads the library and opens the data.
    Engine(EngineConfig config) {
        this.config = config;
        new Definitions(config.data()).removeEmpty();
        this.chdb = Chdb.load(config.library());
        this.keeper =
                chdb.connect(
                        List.of(
                                "--path=" + config.data(),
                                "--backups.allowed_path=" + config.backups(),
                                "--max_server_memory_usage=" + config.memoryBytesMax()));
        String[] facts = keeper.query("SELECT version(), timezone()").text().strip().split("\t");
        if (facts.length != 2) {
            throw new WorldException("cannot use the engine: it does not tell its version");
        }
        // Reading it interrupts every thread of this process, the JVM's own, too.
        keeper.query("DETACH TABLE IF EXISTS system.stack_trace");
        this.version = facts[0];
        this.timezone = facts[1];
        this.settings = names("SELECT name FROM system.settings");
        this.closedTableFunctions =
                names(
                        "SELECT lower(name) AS n FROM system.table_functions WHERE NOT"
                                + " allow_readonly AND n NOT IN (SELECT lower(name) FROM"
                                + " system.functions)");
        this.nondeterministicFunctions =
                names("SELECT lower(name) FROM system.functions WHERE deterministic = 0");
        this.fullDisk =
                new FullDisk(config.data(), this::merges, () -> Runtime.getRuntime().halt(1));
    }

    /// Functions whose answer may change from one call to the next, in lower case.
    Set<String> nondeterministicFunctions() {
        return nondeterministicFunctions;
    }

    private Set<String> names(String sql) {
        return keeper.query(sql).text().lines().collect(Collectors.toUnmodifiableSet());
    }

    /// Table functions that ClickHouse closes to readers, in lower case, without those whose name
    /// is also a function's (`format`).
    Set<String> closedTableFunctions() {
        return closedTableFunctions;
    }

    String version() {
        return version;
    }

    String timezone() {
        return timezone;
    }

    /// The names in `system.settings`.
    Set<String> settingNames() {
        return settings;
    }

    /// A connection for one request.
    ///
    /// @param mark tells this request's query from others, for [#kill]
    /// @param database to be current; empty or `default` for the default one, if it is there
    Chdb.Connection connect(
            Role role, Map<String, String> requestSettings, String mark, String database) {
        var all = new LinkedHashMap<String, String>();
        switch (role) {
            case READER -> {
                var limits = config.limits();
                all.put("max_execution_time", Integer.toString(limits.executionSecondsMax()));
                all.put("max_memory_usage", Long.toString(limits.queryMemoryBytesMax()));
                all.put("max_threads", Integer.toString(limits.threadsMax()));
                all.putAll(requestSettings);
                all.put("final", "1");
                all.put("readonly", "1");
                all.put("allow_ddl", "0");
                all.put("allow_introspection_functions", "0"); // libchdb turns them on
            }
            case ADMIN -> {
                var limits = config.limits();
                all.put("max_execution_time", Integer.toString(limits.executionSecondsMax()));
                all.put("max_memory_usage", Long.toString(limits.queryMemoryBytesMax()));
                all.putAll(requestSettings);
                all.put("async_insert", "0");
                // Rows are data: nothing in them is computed.
                all.put("input_format_values_interpret_expressions", "0");
            }
            case INTERNAL -> {
                // An INSERT's answer means that its part is on disk, and counting rows decides
                // what was stored: nothing may wait in memory or be dropped as a duplicate.
                all.put("async_insert", "0");
                all.put("insert_deduplicate", "0");
                all.putAll(requestSettings);
            }
        }
        all.put("log_comment", mark);
        all.put("glob_expansion_max_elements", Integer.toString(FILES_MAX));
        var arguments = new ArrayList<String>();
        arguments.add("--path=" + config.data());
        all.forEach((name, value) -> arguments.add("--" + name + "=" + value));
        var connection = chdb.connect(arguments);
        try {
            use(connection, database);
            return connection;
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /// Asked before and after each write.
    FullDisk fullDisk() {
        return fullDisk;
    }

    private void merges(boolean allowed) {
        try (var connection = chdb.connect(List.of("--path=" + config.data()))) {
            connection.query(allowed ? "SYSTEM START MERGES" : "SYSTEM STOP MERGES");
        }
    }

    /// The setting that holds a statement of Firn's own to rows of some environments.
    String filters(Visible visible) {
        try (var connection = chdb.connect(List.of("--path=" + config.data()))) {
            return EnvironmentFilters.of(connection, config.database(), visible);
        }
    }

    /// `--database` is ignored by libchdb; USE is open to readonly connections.
    private void use(Chdb.Connection connection, String database) {
        // The official client names "default" where its user named nothing.
        boolean byDefault = database.isEmpty() || database.equals("default");
        String name = byDefault ? config.database() : database;
        if (!EngineConfig.isName(name)) {
            throw EngineException.of(
                    EngineException.UNKNOWN_DATABASE,
                    "UNKNOWN_DATABASE",
                    "The database's name is not a plain identifier");
        }
        try {
            connection.query("USE `" + name + "`");
        } catch (EngineException e) {
            if (!byDefault || e.code() != EngineException.UNKNOWN_DATABASE) {
                throw e;
            }
        }
    }

    /// Stops the query with this mark, if it runs. May block for as long as the query does; a query
    /// not registered yet is missed, so callers repeat it.
    void kill(String mark) {
        try (var connection =
                chdb.connect(List.of("--path=" + config.data(), "--max_execution_time=5"))) {
            connection.query("KILL QUERY WHERE Settings['log_comment'] = '" + mark + "' ASYNC");
        } catch (EngineException e) {
            LOG.warn("cannot stop query {}: {}", mark, e.text());
        }
    }

    /// Call when no request runs any more.
    @Override
    public void close() {
        fullDisk.close();
        keeper.close();
    }
}
