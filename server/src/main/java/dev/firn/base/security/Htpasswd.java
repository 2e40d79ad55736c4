package dev.firn.base.security;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Users and passwords of an htpasswd file and of the configuration, asked for by Basic
/// authentication (RFC 7617). Checking a bcrypt hash takes a tenth of a second by design, so pairs
/// that were right are remembered by a keyed digest, and few are computed at a time.
public final class Htpasswd implements Authenticator {
    private static final int REMEMBERED_MAX = 1_024;
    private static final int COMPUTED_AT_ONCE = 2;

    private final @Nullable WatchedFile file;
    private final String inline;
    private final byte[] macKey = new byte[32];
    private final Semaphore computing = new Semaphore(COMPUTED_AT_ONCE);
    private Map<String, String> users = Map.of();
    private long version = -1;
    private final Map<String, Boolean> remembered =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > REMEMBERED_MAX;
                }
            };

    /// @param key of the configuration that names the file, from the top
    /// @param path null without a file; its changes count within a second or two
    /// @param inline lines of the configuration, which win over those of the file
    /// @throws InputException when the file cannot be read, or a line is none
    public Htpasswd(String key, @Nullable Path path, Secret inline, Clock clock) {
        new SecureRandom().nextBytes(macKey);
        this.file = path == null ? null : new WatchedFile(key + ".file", path, clock);
        this.inline = inline.value();
        if (file != null) {
            check(key + ".file", file.text());
        }
        check(key + ".inline", this.inline);
        if (users().isEmpty()) {
            throw new InputException("cannot use " + key + ": it names no user; write user:hash");
        }
    }

    private static void check(String key, String text) {
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (!blank(line) && line.indexOf(':') < 1) {
                throw new InputException(
                        "cannot use " + key + ": line " + number + " is not user:hash");
            }
            if (!blank(line) && PasswordHash.unknown(line.substring(line.indexOf(':') + 1))) {
                throw new InputException(
                        "cannot use "
                                + key
                                + ": line "
                                + number
                                + " has a hash of an unknown kind; use bcrypt (htpasswd -B)");
            }
        }
    }

    private static boolean blank(String line) {
        return line.isBlank() || line.startsWith("#");
    }

    private synchronized Map<String, String> users() {
        long now = file == null ? 0 : file.version();
        if (now != version) {
            var found = new HashMap<String, String>();
            read(file == null ? "" : file.text(), found);
            read(inline, found);
            users = found;
            version = now;
            remembered.clear();
        }
        return users;
    }

    private static void read(String text, Map<String, String> users) {
        for (String line : text.lines().map(String::strip).toList()) {
            int colon = line.indexOf(':');
            if (!blank(line) && colon > 0) {
                users.put(line.substring(0, colon), line.substring(colon + 1));
            }
        }
    }

    @Override
    public Optional<String> refusal(Function<String, @Nullable String> headers) {
        String given = headers.apply("Authorization");
        if (given == null || given.isEmpty()) {
            return Optional.of("the header \"Authorization\" is missing; send user and password");
        }
        Optional<String> pair = BasicCredentials.pair(given);
        if (pair.isEmpty()) {
            return Optional.of("the header \"Authorization\" holds no Basic credentials");
        }
        int colon = pair.get().indexOf(':');
        boolean right =
                colon >= 0
                        && matches(pair.get().substring(0, colon), pair.get().substring(colon + 1));
        return right ? Optional.empty() : Optional.of("user or password are wrong");
    }

    /// Whether a user has this password.
    boolean matches(String user, String password) {
        String stored = users().get(user);
        if (stored == null) {
            pretend(password);
            return false;
        }
        PasswordHash hash = PasswordHash.of(stored);
        if (hash == PasswordHash.PLAIN) {
            return hash.matches(stored, password);
        }
        String digest = digest(user + ':' + password + '\0' + stored);
        synchronized (this) {
            if (remembered.get(digest) != null) {
                return true;
            }
        }
        computing.acquireUninterruptibly();
        try {
            if (!hash.matches(stored, password)) {
                return false;
            }
        } finally {
            computing.release();
        }
        synchronized (this) {
            remembered.put(digest, true);
        }
        return true;
    }

    /// Changes when the file does.
    long version() {
        return file == null ? 0 : file.version();
    }

    /// A wrong name takes as long as a wrong password: time does not tell names.
    private void pretend(String password) {
        String other = users().values().stream().findFirst().orElse("");
        computing.acquireUninterruptibly();
        try {
            PasswordHash.of(other).matches(other, password);
        } finally {
            computing.release();
        }
    }

    private String digest(String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(macKey, "HmacSHA256"));
            byte[] digest = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String challenge() {
        return "Basic realm=\"firn\", charset=\"UTF-8\"";
    }
}
