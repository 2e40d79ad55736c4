package dev.firn.config;

import dev.firn.base.security.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `engine.url` and what goes with it: a ClickHouse server or cluster in place of the child.
///
/// @param url `http://host:port/` or `https://…`, always with a slash at its end
/// @param user who may create, write and read the database
/// @param password "" with a client certificate, or for a user without one
/// @param tls of `https`; empty: the JVM's authorities, no client certificate
/// @param cluster its name in the server's `remote_servers`; "" for a single server
/// @param insertQuorum on a cluster: replicas that must have a block before it counts as stored:
///   `auto` (the majority) or a number
/// @param keeperPath where replicated tables meet in ZooKeeper or Keeper, without a slash at its
///   end
public record EngineServerConfig(
        URI url,
        String user,
        Secret password,
        Optional<TlsConfig> tls,
        String cluster,
        String insertQuorum,
        String keeperPath) {
    private static final String USER = "default";
    private static final String QUORUM = "auto";

    /// Of `engine.keeper_path` where none is named.
    public static final String KEEPER_PATH = "/clickhouse/tables";

    /// Keys that mean nothing without `url`, with what they say then.
    private static final Map<String, String> OF_A_SERVER =
            Map.of(
                    "user", USER,
                    "password", "",
                    "cluster", "",
                    "insert_quorum", QUORUM,
                    "keeper_path", KEEPER_PATH);

    /// True on a cluster: tables are replicated, and a table of a cluster spreads rows by series.
    public boolean clustered() {
        return !cluster.isEmpty();
    }

    /// True if only this machine can be meant, which then may open the lake's files by their paths.
    public boolean onThisMachine() {
        return dev.firn.base.Browsers.isLoopback(url.getHost());
    }

    /// @param engine the section `engine`, which others read, too
    static Optional<EngineServerConfig> read(Section engine) {
        String text = engine.text("url", "");
        if (text.isEmpty()) {
            refuseWithoutUrl(engine);
            return Optional.empty();
        }
        if (!engine.text("library", "").isEmpty()) {
            engine.warning(
                    "library", "is not loaded: with engine.url Firn starts no engine of its own");
        }
        String cluster = name(engine, "cluster");
        if (cluster.isEmpty()) {
            refuse(engine, "insert_quorum", QUORUM, "is about replicas; write engine.cluster");
            refuse(engine, "keeper_path", KEEPER_PATH, "is about replicas; write engine.cluster");
        }
        Optional<TlsConfig> tls = TlsConfig.client(engine);
        URI url = url(engine, text);
        if (tls.isPresent() && "http".equals(url.getScheme())) {
            engine.problem("tls", "engine.url begins with http://; write https://");
        }
        return Optional.of(
                new EngineServerConfig(
                        url,
                        engine.text("user", USER),
                        new Secret(engine.text("password", "")),
                        tls,
                        cluster,
                        quorum(engine),
                        keeperPath(engine)));
    }

    private static void refuseWithoutUrl(Section engine) {
        String why = "says how to speak to a ClickHouse server; write its engine.url";
        for (var key : new TreeMap<>(OF_A_SERVER).entrySet()) {
            refuse(engine, key.getKey(), key.getValue(), why);
        }
    }

    /// What stands in the built-in configuration is nobody's wish.
    private static void refuse(Section engine, String key, String usual, String why) {
        if (!engine.text(key, usual).equals(usual)) {
            engine.problem(key, why + ", or take this key out");
        }
    }

    private static URI url(Section engine, String text) {
        String example = "\"" + text + "\" is no URL such as https://clickhouse.example:8443";
        try {
            var url = new URI(text.endsWith("/") ? text : text + "/");
            boolean known = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (!known || url.getHost() == null) {
                engine.problem("url", example);
            } else if (url.getUserInfo() != null) {
                engine.problem("url", "names a user; write engine.user and engine.password");
            } else if (!"/".equals(url.getPath()) || url.getQuery() != null) {
                engine.problem("url", example + ": it has a path or a query");
            }
            return url;
        } catch (URISyntaxException e) {
            engine.problem("url", example);
            return URI.create("http://127.0.0.1/");
        }
    }

    private static String name(Section engine, String key) {
        String name = engine.text(key, "");
        if (!name.matches("[A-Za-z_][A-Za-z0-9_.-]{0,62}|")) {
            engine.problem(
                    key, "\"" + name + "\" is no name of letters, digits, dots, - and underscores");
        }
        return name;
    }

    private static String quorum(Section engine) {
        String quorum = engine.text("insert_quorum", QUORUM);
        if (!quorum.matches("auto|[1-9][0-9]?")) {
            engine.problem(
                    "insert_quorum",
                    "\"" + quorum + "\" is neither auto (the majority) nor a number of replicas");
        }
        return quorum;
    }

    private static String keeperPath(Section engine) {
        String path = engine.text("keeper_path", KEEPER_PATH);
        if (!path.matches("(/[A-Za-z0-9_.-]+)+")) {
            engine.problem("keeper_path", "\"" + path + "\" is no path such as /clickhouse/tables");
        }
        return path;
    }
}
