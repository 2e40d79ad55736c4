package dev.firn.config;

import dev.firn.base.security.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `lake.catalog`: who knows which metadata file of a table is the newest.
///
/// @param uri `jdbc:postgresql://…` or a REST catalog's `https://…`; "" for SQLite
/// @param user of the database, as `password`; "" for none
/// @param warehouse name by which a REST catalog knows the warehouse; "" for its default
/// @param token that a REST catalog takes as it is; "" for none
/// @param vendedCredentials whether a REST catalog is asked for credentials of each table's files
/// @param timeoutNanos of one call
/// @param serve how this Firn shows its tables to others
public record LakeCatalogConfig(
        Type type,
        String uri,
        String user,
        Secret password,
        String warehouse,
        Secret token,
        OAuth2 oauth2,
        boolean vendedCredentials,
        long timeoutNanos,
        Serve serve) {
    /// Kinds of catalogs.
    public enum Type {
        SQLITE,
        JDBC,
        REST
    }

    /// How a REST catalog's tokens are come by.
    ///
    /// @param serverUri where tokens are asked for
    /// @param credential `id:secret`, or a secret alone; "" for none
    public record OAuth2(String serverUri, Secret credential, String scope) {}

    /// A read-only Iceberg REST catalog below `/iceberg` of the web address.
    ///
    /// @param token that readers send as `Authorization: Bearer …`; "" while `enabled` is false
    public record Serve(boolean enabled, Secret token) {
        static Serve read(Section section) {
            var serve =
                    new Serve(
                            section.bool("enabled", false), new Secret(section.text("token", "")));
            if (serve.enabled && serve.token.value().isEmpty()) {
                section.problem(
                        "token",
                        "is missing; write one for readers, such as ${env:FIRN_CATALOG_TOKEN}");
            }
            section.close();
            return serve;
        }
    }

    private static final Secret NONE = new Secret("");

    /// SQLite.
    static final LakeCatalogConfig DEFAULT =
            new LakeCatalogConfig(
                    Type.SQLITE,
                    "",
                    "",
                    NONE,
                    "",
                    NONE,
                    new OAuth2("", NONE, ""),
                    false,
                    Duration.ofSeconds(30).toNanos(),
                    new Serve(false, NONE));

    static LakeCatalogConfig read(Section section) {
        Section oauth2 = section.section("oauth2");
        var catalog =
                new LakeCatalogConfig(
                        section.choice("type", Type.SQLITE, Type.class),
                        section.text("uri", ""),
                        section.text("user", ""),
                        new Secret(section.text("password", "")),
                        section.text("warehouse", ""),
                        new Secret(section.text("token", "")),
                        new OAuth2(
                                oauth2.text("server_uri", ""),
                                new Secret(oauth2.text("credential", "")),
                                oauth2.text("scope", "")),
                        section.bool("vended_credentials", DEFAULT.vendedCredentials),
                        section.nanos(
                                "timeout",
                                DEFAULT.timeoutNanos,
                                Duration.ofSeconds(1).toNanos(),
                                Duration.ofMinutes(10).toNanos()),
                        Serve.read(section.section("serve")));
        oauth2.close();
        switch (catalog.type) {
            case SQLITE -> catalog.checkSqlite(section);
            case JDBC -> catalog.checkJdbc(section);
            case REST -> catalog.checkRest(section, oauth2);
        }
        section.close();
        return catalog;
    }

    private void checkSqlite(Section section) {
        refuse(section, "uri", uri, "SQLite's file is lake/catalog.db in the data directory");
        refuseDatabase(section, "SQLite has no users");
        refuseRest(section);
    }

    private void checkJdbc(Section section) {
        if (!uri.startsWith("jdbc:postgresql:")) {
            section.problem(
                    "uri", "write a PostgreSQL database, such as jdbc:postgresql://host:5432/firn");
        } else if (uri.matches(".*[?&](password|user)=.*")) {
            section.problem(
                    "uri", "names a user or password; write them under user and password instead");
        }
        refuseRest(section);
    }

    private void checkRest(Section section, Section oauth2Section) {
        URI address = http(uri);
        if (address == null) {
            section.problem(
                    "uri", "write the REST catalog's address, such as https://host/catalog");
        } else if (address.getUserInfo() != null) {
            section.problem("uri", "holds a password; write token or oauth2 instead");
        }
        refuseDatabase(section, "a REST catalog takes token or oauth2");
        boolean hasToken = !token.value().isEmpty();
        boolean hasCredential = !oauth2.credential.value().isEmpty();
        if (hasToken && hasCredential) {
            section.problem("token", "write either token or oauth2, not both");
        }
        if (!hasCredential && !(oauth2.serverUri.isEmpty() && oauth2.scope.isEmpty())) {
            oauth2Section.problem("credential", "is missing; write id:secret");
        }
        if (hasCredential && http(oauth2.serverUri) == null) {
            oauth2Section.problem(
                    "server_uri",
                    "write where tokens are asked for, such as https://host/oauth/tokens");
        }
        if (address != null
                && "http".equals(address.getScheme())
                && (hasToken || hasCredential)
                && !dev.firn.base.Browsers.isLoopback(String.valueOf(address.getHost()))) {
            section.warning("uri", "credentials cross the network unencrypted; use https");
        }
    }

    private void refuseDatabase(Section section, String why) {
        refuse(section, "user", user, why);
        refuse(section, "password", password.value(), why);
    }

    private void refuseRest(Section section) {
        String why = "only a REST catalog takes it";
        refuse(section, "token", token.value(), why);
        refuse(section, "oauth2", oauth2.serverUri + oauth2.credential.value(), why);
        refuse(section, "vended_credentials", vendedCredentials ? "true" : "", why);
    }

    private static void refuse(Section section, String key, String value, String why) {
        if (!value.isEmpty()) {
            section.problem(key, why + "; take the key out or set type");
        }
    }

    /// Null if it is no address of HTTP.
    private static @Nullable URI http(String text) {
        try {
            var address = new URI(text);
            boolean http =
                    "http".equals(address.getScheme()) || "https".equals(address.getScheme());
            return http && address.getHost() != null ? address : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
