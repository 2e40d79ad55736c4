package dev.firn.base.security;

import dev.firn.base.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Where certificates or a key come from.
public sealed interface Pem {
    /// The key of the configuration that names it, from the top.
    String key();

    /// The text, read anew at each call.
    ///
    /// @throws InputException when it cannot be read
    String read();

    /// For messages: which key, and which file.
    String place();

    /// A file, as `cert_file`.
    record File(String key, Path path) implements Pem {
        @Override
        public String read() {
            try {
                return Files.readString(path, StandardCharsets.ISO_8859_1);
            } catch (NoSuchFileException e) {
                throw unreadable("there is no such file", "write the file's path");
            } catch (IOException | SecurityException e) {
                throw unreadable(
                        e.getClass().getSimpleName() + ": " + e.getMessage(),
                        "let this user read it");
            }
        }

        private InputException unreadable(String why, String remedy) {
            return new InputException("cannot read " + place() + ": " + why + "; " + remedy);
        }

        @Override
        public String place() {
            return key + " \"" + path + "\"";
        }
    }

    /// The text itself, as `cert_pem`.
    record Inline(String key, Secret text) implements Pem {
        @Override
        public String read() {
            return text.value();
        }

        @Override
        public String place() {
            return key;
        }
    }
}
