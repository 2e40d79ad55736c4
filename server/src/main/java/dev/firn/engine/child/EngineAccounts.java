package dev.firn.engine.child;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.security.Accounts;
import dev.firn.base.security.Accounts.Account;
import dev.firn.base.security.Accounts.Source;
import dev.firn.base.security.Role;
import dev.firn.base.security.Visible;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who may read from the engine's port, and by which names it may be asked. Secrets stay where they
/// are: the child reads the files and variables itself.
///
/// @param anonymous what one may do who shows nothing; empty: nothing
/// @param hosts as [dev.firn.base.Browsers] takes them; empty: any, where it is open to the network
public record EngineAccounts(
        List<Account> accounts,
        Optional<Source> passwords,
        Optional<Role> anonymous,
        Optional<List<String>> hosts) {
    /// Everybody may read, by any name where the port is open to the network.
    public static final EngineAccounts EVERYBODY =
            new EngineAccounts(
                    List.of(), Optional.empty(), Optional.of(Role.READ), Optional.empty());

    private static final Logger LOG = LoggerFactory.getLogger(EngineAccounts.class);
    private static final String KEY = "web.users";

    public EngineAccounts {
        accounts = List.copyOf(accounts);
        hosts = hosts.map(List::copyOf);
    }

    /// A file that is being edited while the engine starts again keeps its users out, not the
    /// points.
    Accounts open() {
        try {
            return Accounts.open(accounts, passwords, anonymous, System::getenv, Clock.system());
        } catch (InputException e) {
            LOG.error(
                    "no user of web.users may ask here until the engine starts again: {}",
                    e.getMessage());
            return Accounts.open(
                    List.of(), Optional.empty(), anonymous, System::getenv, Clock.system());
        }
    }

    String toLine() {
        var fields = new LinkedHashMap<String, String>();
        for (int i = 0; i < accounts.size(); i++) {
            fields.put("user" + i, line(accounts.get(i)));
        }
        passwords.ifPresent(source -> put(fields, source));
        anonymous.ifPresent(role -> fields.put("anonymous", role.name()));
        hosts.ifPresent(names -> fields.put("hosts", String.join(" ", names)));
        return EngineConfig.line(fields);
    }

    private static String line(Account account) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("key", account.key());
        fields.put("name", account.name());
        fields.put("role", account.role().name());
        account.token().ifPresent(source -> put(fields, source));
        fields.put("environments", account.visible().toText());
        return EngineConfig.line(fields);
    }

    private static void put(Map<String, String> fields, Source source) {
        switch (source) {
            case Source.File(String _, Path path) ->
                    fields.put("file", path.toAbsolutePath().toString());
            case Source.Variable(String _, String name) -> fields.put("variable", name);
        }
    }

    static EngineAccounts fromLine(String line) {
        Map<String, String> fields = EngineConfig.fields(line);
        var accounts = new ArrayList<Account>();
        for (int i = 0; fields.get("user" + i) instanceof String text; i++) {
            accounts.add(account(EngineConfig.fields(text)));
        }
        return new EngineAccounts(
                accounts,
                source(fields, "web.htpasswd"),
                Optional.ofNullable(fields.get("anonymous")).map(Role::valueOf),
                Optional.ofNullable(fields.get("hosts"))
                        .map(names -> names.isEmpty() ? List.of() : List.of(names.split(" "))));
    }

    private static Account account(Map<String, String> fields) {
        String key = fields.getOrDefault("key", KEY);
        return new Account(
                key,
                fields.getOrDefault("name", ""),
                Role.valueOf(fields.getOrDefault("role", "").toUpperCase(Locale.ROOT)),
                source(fields, key + ".token"),
                "",
                Visible.fromText(fields.getOrDefault("environments", "")));
    }

    private static Optional<Source> source(Map<String, String> fields, String key) {
        String file = fields.get("file");
        if (file != null) {
            return Optional.of(new Source.File(key + "_file", Path.of(file)));
        }
        return Optional.ofNullable(fields.get("variable"))
                .map(name -> new Source.Variable(key + "_env", name));
    }
}
