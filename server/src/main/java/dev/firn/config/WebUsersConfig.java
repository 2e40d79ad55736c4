package dev.firn.config;

import dev.firn.base.Clock;
import dev.firn.base.security.Accounts;
import dev.firn.base.security.Accounts.Account;
import dev.firn.base.security.Accounts.Source;
import dev.firn.base.security.Role;
import dev.firn.base.security.Visible;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.jspecify.annotations.Nullable;

/// `web.users` and what goes with them: who may ask. Secrets stand in files or the environment.
///
/// @param passwords lines of htpasswd
/// @param anonymous what one may do who shows nothing; empty: nothing
/// @param said whether the file says what anonymous may do
public record WebUsersConfig(
        List<Account> users, Optional<Source> passwords, Optional<Role> anonymous, boolean said) {
    private static final String NONE = "none";
    private static final Set<String> ENGINES_OWN = Set.of("default", "firn", "admin");

    public WebUsersConfig {
        users = List.copyOf(users);
    }

    /// @param web the section `web`, which others read, too
    static WebUsersConfig read(Section web) {
        Optional<Source> passwords = source(web, "htpasswd");
        List<Account> users = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Section section : web.sections("users")) {
            Account user = user(section, passwords.isPresent());
            if (!names.add(user.name())) {
                section.problem("name", "\"" + user.name() + "\" is there twice");
            }
            users.add(user);
        }
        if (passwords.isPresent() && users.isEmpty()) {
            web.problem("users", "nobody has a role; name the users of the passwords and theirs");
        }
        String said = web.word("anonymous", "", "", NONE, "ingest", "read", "admin");
        return new WebUsersConfig(users, passwords, anonymous(said, users), !said.isEmpty());
    }

    private static Optional<Role> anonymous(String said, List<Account> users) {
        return switch (said) {
            case "" -> users.isEmpty() ? Optional.of(Role.ADMIN) : Optional.empty();
            case NONE -> Optional.empty();
            default -> Optional.of(Role.valueOf(said.toUpperCase(Locale.ROOT)));
        };
    }

    private static Account user(Section section, boolean passwords) {
        String name = section.text("name", "");
        if (!name.matches("[A-Za-z0-9_.@-]{1,64}")) {
            section.problem(
                    "name",
                    "\"" + name + "\" is no name of letters, digits, dots, @, - and underscores");
        }
        if (ENGINES_OWN.contains(name)) {
            section.problem("name", "\"" + name + "\" is a user of the engine; use another name");
        }
        Optional<Source> token = source(section, "token");
        String certificate = section.text("certificate", "");
        if (!certificate.isEmpty() && !isName(certificate)) {
            section.problem(
                    "certificate", "\"" + certificate + "\" is no subject such as CN=alice,O=Shop");
        }
        if (!passwords && token.isEmpty() && certificate.isEmpty()) {
            section.problem(
                    "cannot show who it is; write token_file, token_env or certificate, or"
                            + " web.htpasswd_file with its password");
        }
        if (!section.has("role")) {
            section.problem("role", "write ingest, read or admin");
        }
        Role role = section.choice("role", Role.READ, Role.class);
        List<String> environments = section.texts("environments");
        if (section.has("environments") && environments.isEmpty()) {
            section.problem("environments", "there is none; leave it out for all of them");
        }
        if (!environments.isEmpty() && role != Role.READ) {
            section.problem("environments", "only who has role read can be held to some of them");
        }
        var user =
                new Account(
                        section.path(), name, role, token, certificate, new Visible(environments));
        section.close();
        return user;
    }

    private static boolean isName(String text) {
        try {
            return !new LdapName(text).isEmpty();
        } catch (InvalidNameException e) {
            return false;
        }
    }

    /// `X_file` or `X_env`.
    private static Optional<Source> source(Section section, String what) {
        String file = section.text(what + "_file", "");
        String variable = section.text(what + "_env", "");
        String path = section.path() + "." + what;
        if (!file.isEmpty() && !variable.isEmpty()) {
            section.problem(what + "_env", "write " + what + "_file or " + what + "_env");
        }
        if (!file.isEmpty()) {
            return Optional.of(new Source.File(path + "_file", Path.of(file)));
        }
        return variable.isEmpty()
                ? Optional.empty()
                : Optional.of(new Source.Variable(path + "_env", variable));
    }

    /// Whether somebody is held to some environments.
    boolean held() {
        return users.stream().anyMatch(one -> !one.visible().all());
    }

    /// Reads the files.
    ///
    /// @throws dev.firn.base.InputException when a secret is not there
    public Accounts open(Function<String, @Nullable String> environment, Clock clock) {
        return Accounts.open(users, passwords, anonymous, environment, clock);
    }
}
