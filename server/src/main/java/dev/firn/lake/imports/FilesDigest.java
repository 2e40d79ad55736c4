package dev.firn.lake.imports;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// What names files by their contents: SHA-256 over length and bytes of each, in order. Names do
/// not count, so that a folder that was moved is the same.
final class FilesDigest {
    private FilesDigest() {}

    /// 64 hexadecimal digits.
    static String of(List<Path> files) {
        MessageDigest digest = sha256();
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file);
                    var out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
                digest.update((Files.size(file) + "\n").getBytes(UTF_8));
                in.transferTo(out);
            } catch (IOException e) {
                throw new WorldException("cannot read \"" + file + "\": " + e.getMessage(), e);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
