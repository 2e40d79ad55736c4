package dev.firn.config;

import dev.firn.base.Clock;
import dev.firn.base.security.Authenticator;
import dev.firn.base.security.BasicCredentials;
import dev.firn.base.security.BasicCredentials.Source;
import dev.firn.base.security.Credentials;
import dev.firn.base.security.Htpasswd;
import dev.firn.base.security.Secret;
import java.nio.file.Path;
import java.util.Optional;

/// `basicauth` extension: for listeners (`htpasswd`) or for exporters (`client_auth`).
///
/// @param path of the configuration, for messages
public record BasicAuthConfig(String path, Optional<Users> users, Optional<Client> client)
        implements AuthExtensionConfig {
    /// Who may send.
    ///
    /// @param file htpasswd file; "" for none
    /// @param inline its lines, which win over those of the file
    public record Users(String file, Secret inline) {}

    /// Who a client is; each from the text or, if named, from a file.
    public record Client(
            String username, String usernameFile, Secret password, String passwordFile) {}

    static BasicAuthConfig read(Section section) {
        Optional<Users> users = users(section);
        Optional<Client> client = client(section);
        if (users.isPresent() && client.isPresent()) {
            section.problem(
                    "client_auth",
                    "htpasswd is for listeners and client_auth for exporters; make two"
                            + " extensions");
        } else if (users.isEmpty() && client.isEmpty()) {
            section.problem(
                    "htpasswd", "write htpasswd for listeners or client_auth for exporters");
        }
        section.close();
        return new BasicAuthConfig(section.path(), users, client);
    }

    private static Optional<Users> users(Section parent) {
        if (!parent.has("htpasswd")) {
            return Optional.empty();
        }
        Section section = parent.section("htpasswd");
        var users = new Users(section.text("file", ""), new Secret(section.text("inline", "")));
        if (users.file.isEmpty() && users.inline.value().isEmpty()) {
            section.problem("file", "write file or inline");
        }
        section.close();
        return Optional.of(users);
    }

    private static Optional<Client> client(Section parent) {
        if (!parent.has("client_auth")) {
            return Optional.empty();
        }
        Section section = parent.section("client_auth");
        var client =
                new Client(
                        section.text("username", ""),
                        section.text("username_file", ""),
                        new Secret(section.text("password", "")),
                        section.text("password_file", ""));
        if (client.username.isEmpty() && client.usernameFile.isEmpty()) {
            section.problem("username", "write username or username_file");
        }
        if (client.username.contains(":")) {
            section.problem("username", "a user's name has no colon");
        }
        if (section.has("aws_secrets_manager")) {
            section.problem(
                    "aws_secrets_manager",
                    "Firn asks no secrets manager; write username_file and password_file");
        }
        section.close();
        return Optional.of(client);
    }

    @Override
    public Optional<Authenticator> authenticator(Clock clock) {
        return users.map(one ->
                new Htpasswd(
                        path + ".htpasswd",
                        one.file.isEmpty() ? null : Path.of(one.file),
                        one.inline,
                        clock));
    }

    @Override
    public Optional<Credentials> credentials(Clock clock) {
        return client.map(one ->
                BasicCredentials.of(
                        source("username", new Secret(one.username), one.usernameFile),
                        source("password", one.password, one.passwordFile),
                        clock));
    }

    private Source source(String what, Secret text, String file) {
        return file.isEmpty()
                ? new Source.Text(text)
                : new Source.File(path + ".client_auth." + what + "_file", Path.of(file));
    }

    @Override
    public boolean forListeners() {
        return users.isPresent();
    }

    @Override
    public boolean forExporters() {
        return client.isPresent();
    }
}
