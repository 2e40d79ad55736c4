package dev.firn.base.security;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import org.apache.commons.codec.digest.Md5Crypt;
import org.apache.commons.codec.digest.Sha2Crypt;

/// The password of a line of an htpasswd file, in the forms that the Collector's `basicauth` knows:
/// bcrypt, `$apr1$` and `$1$` (MD5), `$5$` and `$6$` (SHA-2), `{SHA}`, `{SSHA}`, and the plain
/// text.
enum PasswordHash {
    BCRYPT,
    MD5,
    SHA_256,
    SHA_512,
    SHA,
    SALTED_SHA,
    PLAIN;

    private static final int SHA_BYTES = 20;

    static PasswordHash of(String stored) {
        if (stored.matches("\\$2[abxy]?\\$.*")) {
            return BCRYPT;
        }
        if (stored.startsWith("$apr1$") || stored.startsWith("$1$")) {
            return MD5;
        }
        if (stored.startsWith("$5$")) {
            return SHA_256;
        }
        if (stored.startsWith("$6$")) {
            return SHA_512;
        }
        if (stored.startsWith("{SHA}")) {
            return SHA;
        }
        return stored.startsWith("{SSHA}") ? SALTED_SHA : PLAIN;
    }

    /// True for what looks like a hash of a kind that is none of these: taken for the plain text,
    /// it would let in who has read it.
    static boolean unknown(String stored) {
        return of(stored) == PLAIN && stored.matches("(\\{[A-Za-z0-9-]+}|\\$[A-Za-z0-9-]+\\$).*");
    }

    /// False too for a line that is damaged.
    boolean matches(String stored, String password) {
        byte[] given = password.getBytes(StandardCharsets.UTF_8);
        try {
            return switch (this) {
                case BCRYPT -> bcrypt(stored, given);
                case MD5 ->
                        same(
                                stored,
                                stored.startsWith("$1$")
                                        ? Md5Crypt.md5Crypt(given, stored)
                                        : Md5Crypt.apr1Crypt(given, stored));
                case SHA_256 -> same(stored, Sha2Crypt.sha256Crypt(given, stored));
                case SHA_512 -> same(stored, Sha2Crypt.sha512Crypt(given, stored));
                case SHA -> salted(stored.substring("{SHA}".length()), given);
                case SALTED_SHA -> salted(stored.substring("{SSHA}".length()), given);
                case PLAIN -> same(stored, password);
            };
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean bcrypt(String stored, byte[] given) {
        // longer passwords are cut by every bcrypt; here they match nothing
        return given.length <= 72
                && BCrypt.verifyer()
                        .verify(given, stored.getBytes(StandardCharsets.ISO_8859_1))
                        .verified;
    }

    private static boolean salted(String base64, byte[] given) {
        byte[] bytes = Base64.getDecoder().decode(base64);
        if (bytes.length < SHA_BYTES) {
            return false;
        }
        try {
            var digest = MessageDigest.getInstance("SHA-1");
            digest.update(given);
            digest.update(bytes, SHA_BYTES, bytes.length - SHA_BYTES);
            return MessageDigest.isEqual(digest.digest(), Arrays.copyOf(bytes, SHA_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean same(String stored, String computed) {
        return MessageDigest.isEqual(
                stored.getBytes(StandardCharsets.UTF_8), computed.getBytes(StandardCharsets.UTF_8));
    }
}
