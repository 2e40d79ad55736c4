package dev.firn.config;

import dev.firn.base.InputException;
import dev.firn.base.security.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// `engine.users`: who may do more than read on the engine's port.
///
/// @param adminPassword of user `admin`, who keeps `slo_definitions`; empty for none
/// @param adminPasswordFile in place of it
public record EngineUsersConfig(Secret adminPassword, String adminPasswordFile) {
    private static final int CHARS_MIN = 8;

    static EngineUsersConfig read(Section section) {
        var users =
                new EngineUsersConfig(
                        new Secret(section.text("admin_password", "")),
                        section.text("admin_password_file", ""));
        String password = users.adminPassword.value();
        if (!password.isEmpty() && password.length() < CHARS_MIN) {
            section.problem("admin_password", "it has less than " + CHARS_MIN + " characters");
        }
        if (!password.isEmpty() && !users.adminPasswordFile.isEmpty()) {
            section.problem("admin_password_file", "write admin_password or admin_password_file");
        }
        section.close();
        return users;
    }

    /// The password; empty for no such user.
    public String password() {
        if (adminPasswordFile.isEmpty()) {
            return adminPassword.value();
        }
        try {
            String text = Files.readString(Path.of(adminPasswordFile)).strip();
            if (text.length() < CHARS_MIN) {
                throw new InputException(
                        "engine.users.admin_password_file: \"%s\" holds less than %d characters"
                                .formatted(adminPasswordFile, CHARS_MIN));
            }
            return text;
        } catch (IOException e) {
            throw new InputException(
                    "engine.users.admin_password_file: cannot read \"%s\": %s; check path and rights"
                            .formatted(adminPasswordFile, e.getMessage()));
        }
    }
}
