package dev.firn.base.security;

import dev.firn.base.Clock;
import dev.firn.base.security.Accounts.Who;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who is logged in, by a random text that only they have. Of that its hash is kept, and in memory
/// only: a restart ends all sessions, and so does a change of a file of passwords or tokens.
/// Thread-safe.
public final class Sessions {
    /// A session ends after that.
    public static final Duration AGE_MAX = Duration.ofHours(12);

    static final int SESSIONS_MAX = 1_000;

    /// Of one user: nobody ends those of others.
    static final int USER_SESSIONS_MAX = 20;

    private static final int ID_BYTES = 32;

    private final Accounts accounts;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Session> sessions =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Session> eldest) {
                    return size() > SESSIONS_MAX;
                }
            };

    private record Session(Who who, long accountsVersion, long beganTicks) {}

    public Sessions(Accounts accounts, Clock clock) {
        this.accounts = accounts;
        this.clock = clock;
    }

    /// Begins one.
    ///
    /// @return what its owner shows from now on
    public Secret open(Who who) {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        var session = new Session(who, accounts.version(), clock.ticks());
        synchronized (sessions) {
            makeRoom(who);
            sessions.put(hash(id), session);
        }
        return new Secret(id);
    }

    private void makeRoom(Who who) {
        List<String> own =
                sessions.entrySet().stream()
                        .filter(one -> one.getValue().who.name().equals(who.name()))
                        .map(Map.Entry::getKey)
                        .toList();
        if (own.size() >= USER_SESSIONS_MAX) {
            sessions.remove(own.getFirst());
        }
    }

    /// Whose it is; empty when it has ended or never was.
    public Optional<Who> find(String id) {
        String hash = hash(id);
        long version = accounts.version();
        synchronized (sessions) {
            Session session = sessions.get(hash);
            if (session == null) {
                return Optional.empty();
            }
            if (session.accountsVersion != version
                    || clock.ticks() - session.beganTicks > AGE_MAX.toNanos()) {
                sessions.remove(hash);
                return Optional.empty();
            }
            return Optional.of(session.who);
        }
    }

    /// Ends one.
    public void close(String id) {
        synchronized (sessions) {
            sessions.remove(hash(id));
        }
    }

    /// So that neither the time of a comparison nor a dump of memory tells an id.
    private static String hash(String id) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(id.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
