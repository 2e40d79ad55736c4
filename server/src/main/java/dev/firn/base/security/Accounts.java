package dev.firn.base.security;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Principal;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.jspecify.annotations.Nullable;

/// Users with their roles, who show a token, a password or a client certificate. Files of tokens
/// and passwords are read again when they change. Thread-safe.
public final class Accounts {
    private static final String BEARER = "Bearer ";
    private static final String WRONG = "user or password are wrong";
    private static final int TOKEN_CHARS_MIN = 16;
    private static final int TURNS = 64;

    /// So many passwords may wait to be looked at.
    private static final int WAITING_MAX = 256;

    /// Of a user's name, as the configuration has them.
    private static final int NAME_CHARS_MAX = 64;

    private final Map<String, Account> accounts;
    private final Map<String, Tokens> tokens;
    private final @Nullable Htpasswd passwords;
    private final FailedLogins failed;
    private final List<ReentrantLock> turns =
            Stream.generate(ReentrantLock::new).limit(TURNS).toList();
    private final Semaphore waiting = new Semaphore(WAITING_MAX);
    private final @Nullable Role anonymous;

    /// Somebody who asks.
    ///
    /// @param name "" for who has shown nothing
    public record Who(String name, Role role, Visible visible) {
        /// Who sees everything.
        public Who(String name, Role role) {
            this(name, role, Visible.ALL);
        }
    }

    /// A user of the configuration.
    ///
    /// @param key of the configuration, from the top
    /// @param certificate distinguished name of a client certificate; "" for none
    public record Account(
            String key,
            String name,
            Role role,
            Optional<Source> token,
            String certificate,
            Visible visible) {
        /// Who sees everything.
        public Account(
                String key, String name, Role role, Optional<Source> token, String certificate) {
            this(key, name, role, token, certificate, Visible.ALL);
        }
    }

    /// Where a secret stands.
    public sealed interface Source {
        /// A file, read again when it changes.
        record File(String key, Path path) implements Source {}

        /// A variable of the environment.
        record Variable(String key, String name) implements Source {}
    }

    /// Who it is, or why not.
    public sealed interface Answer {
        /// Somebody, who may be nobody in particular.
        record Known(Who who) implements Answer {}

        /// Nothing was shown, and who shows nothing may do nothing.
        record Unknown() implements Answer {}

        /// What was shown is wrong.
        ///
        /// @param name that was claimed; "" for none
        record Wrong(String name, String why) implements Answer {}

        /// Too many wrong passwords came.
        record Later(String name, int seconds) implements Answer {}
    }

    private interface Tokens {
        List<String> now();

        long version();
    }

    private Accounts(
            Map<String, Account> accounts,
            Map<String, Tokens> tokens,
            @Nullable Htpasswd passwords,
            @Nullable Role anonymous,
            Clock clock) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.passwords = passwords;
        this.anonymous = anonymous;
        this.failed = new FailedLogins(clock);
    }

    /// Reads the files.
    ///
    /// @param passwords lines `user:hash` as htpasswd writes them
    /// @param anonymous what one may do who shows nothing; empty: nothing
    /// @param environment the variables
    /// @throws InputException when a secret is not there
    public static Accounts open(
            List<Account> accounts,
            Optional<Source> passwords,
            Optional<Role> anonymous,
            Function<String, @Nullable String> environment,
            Clock clock) {
        var byName = new LinkedHashMap<String, Account>();
        var tokens = new LinkedHashMap<String, Tokens>();
        for (Account account : accounts) {
            byName.put(account.name, account);
            account.token.ifPresent(
                    source -> tokens.put(account.name, tokens(source, environment, clock)));
        }
        refuseShared(tokens);
        return new Accounts(
                byName,
                tokens,
                passwords.map(source -> htpasswd(source, environment, clock)).orElse(null),
                anonymous.orElse(null),
                clock);
    }

    private static Tokens tokens(
            Source source, Function<String, @Nullable String> environment, Clock clock) {
        var tokens =
                switch (source) {
                    case Source.File(String key, Path path) -> {
                        var file = new WatchedFile(key, path, clock);
                        yield new Tokens() {
                            @Override
                            public List<String> now() {
                                return file.text()
                                        .lines()
                                        .map(String::strip)
                                        .filter(line -> !line.isEmpty())
                                        .toList();
                            }

                            @Override
                            public long version() {
                                return file.version();
                            }
                        };
                    }
                    case Source.Variable variable -> {
                        var fixed = List.of(value(variable, environment));
                        yield new Tokens() {
                            @Override
                            public List<String> now() {
                                return fixed;
                            }

                            @Override
                            public long version() {
                                return 0;
                            }
                        };
                    }
                };
        List<String> first = tokens.now();
        if (first.isEmpty() || first.stream().anyMatch(one -> one.length() < TOKEN_CHARS_MIN)) {
            throw new InputException(
                    "cannot use "
                            + keyOf(source)
                            + ": a token has at least "
                            + TOKEN_CHARS_MIN
                            + " characters; make one with openssl rand -hex 32");
        }
        return tokens;
    }

    /// A token must say who it is.
    private static void refuseShared(Map<String, Tokens> tokens) {
        var seen = new HashSet<String>();
        tokens.forEach((name, its) -> {
            for (String token : Set.copyOf(its.now())) {
                if (!seen.add(token)) {
                    throw new InputException(
                            "cannot tell user \""
                                    + name
                                    + "\" from another: they have a token in common; give each"
                                    + " one of its own");
                }
            }
        });
    }

    private static Htpasswd htpasswd(
            Source source, Function<String, @Nullable String> environment, Clock clock) {
        return switch (source) {
            case Source.File(String key, Path path) ->
                    new Htpasswd(key, path, new Secret(""), clock);
            case Source.Variable variable ->
                    new Htpasswd(
                            variable.key, null, new Secret(value(variable, environment)), clock);
        };
    }

    private static String keyOf(Source source) {
        return switch (source) {
            case Source.File(String key, Path path) -> key + " \"" + path + "\"";
            case Source.Variable(String key, String name) -> key + " \"" + name + "\"";
        };
    }

    private static String value(
            Source.Variable variable, Function<String, @Nullable String> environment) {
        String value = environment.apply(variable.name);
        if (value == null || value.isBlank()) {
            throw new InputException(
                    "cannot use "
                            + keyOf(variable)
                            + ": the environment has no such variable; set it, or name a file");
        }
        return value.strip();
    }

    /// Whether there are any.
    public boolean any() {
        return !accounts.isEmpty();
    }

    /// What one may do who shows nothing.
    public Optional<Role> anonymous() {
        return Optional.ofNullable(anonymous);
    }

    /// Changes when a file of secrets does.
    public long version() {
        long version = passwords == null ? 0 : passwords.version();
        for (Tokens one : tokens.values()) {
            version += one.version();
        }
        return version;
    }

    /// Who asks.
    ///
    /// @param headers a header's first value by its name, which is compared without regard to case
    /// @param certificate of the connection, where it has one that was verified
    /// @param from its address
    public Answer who(
            Function<String, @Nullable String> headers,
            Optional<Principal> certificate,
            String from) {
        String given = headers.apply("Authorization");
        if (given != null && !given.isEmpty() && any()) {
            return authorized(given, from);
        }
        Optional<Account> shown = certificate.flatMap(this::byCertificate);
        if (shown.isPresent()) {
            return known(shown.get());
        }
        return nobody();
    }

    /// Who shows nothing.
    public Answer nobody() {
        return anonymous == null ? new Answer.Unknown() : new Answer.Known(new Who("", anonymous));
    }

    private Answer authorized(String given, String from) {
        if (given.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return token(given.substring(BEARER.length()).strip());
        }
        String pair = BasicCredentials.pair(given).orElse("");
        int colon = pair.indexOf(':');
        if (colon >= 0) {
            return password(pair.substring(0, colon), pair.substring(colon + 1), from);
        }
        return new Answer.Wrong(
                "",
                "the header Authorization holds neither a token (Bearer) nor user and password");
    }

    /// Who has a token.
    public Answer token(String given) {
        byte[] bytes = given.getBytes(StandardCharsets.UTF_8);
        @Nullable Account found = null;
        for (var one : tokens.entrySet()) { // all of them, whichever fits: time tells nothing
            for (String token : one.getValue().now()) {
                if (MessageDigest.isEqual(bytes, token.getBytes(StandardCharsets.UTF_8))) {
                    found = accounts.get(one.getKey());
                }
            }
        }
        return found == null
                ? new Answer.Wrong("", "the token is not valid (any more); ask for a new one")
                : known(found);
    }

    /// Who has a password.
    ///
    /// @param from address that asks
    public Answer password(String name, String password, String from) {
        if (passwords == null || name.length() > NAME_CHARS_MAX) {
            return new Answer.Wrong("", WRONG); // nobody's: not to be remembered
        }
        if (!waiting.tryAcquire()) {
            return new Answer.Later(name, 1);
        }
        // One after the other: guesses at the same time must not all be the first.
        ReentrantLock turn =
                turns.get(Math.floorMod(31 * from.hashCode() + name.hashCode(), TURNS));
        turn.lock();
        try {
            int seconds = failed.waiting(from, name);
            if (seconds > 0) {
                return new Answer.Later(name, seconds);
            }
            Account account = accounts.get(name);
            if (passwords.matches(name, password) && account != null) {
                failed.succeeded(from, name);
                return known(account);
            }
            failed.failed(from, name);
            return new Answer.Wrong(name, WRONG);
        } finally {
            turn.unlock();
            waiting.release();
        }
    }

    private static Answer known(Account account) {
        return new Answer.Known(new Who(account.name, account.role, account.visible));
    }

    private Optional<Account> byCertificate(Principal certificate) {
        return accounts.values().stream()
                .filter(one ->
                        !one.certificate.isEmpty() && same(one.certificate, certificate.getName()))
                .findFirst();
    }

    /// RFC 4514: blanks and the case of attribute types do not count.
    private static boolean same(String configured, String shown) {
        try {
            return new LdapName(configured).equals(new LdapName(shown));
        } catch (InvalidNameException e) {
            return false;
        }
    }
}
