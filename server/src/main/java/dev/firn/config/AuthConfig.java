package dev.firn.config;

import java.util.Optional;

/// `auth:` of a listener or an exporter.
///
/// @param authenticator name of an extension, such as `bearertokenauth/edge`; that it is defined
///   and listed in `service.extensions` is for the reader of the whole file to check
/// @param place `file:line`, for that check's message
public record AuthConfig(String authenticator, String place) {
    /// `auth:` below `parent`; empty if there is none.
    static Optional<AuthConfig> read(Section parent) {
        if (!parent.has("auth")) {
            return Optional.empty();
        }
        Section section = parent.section("auth");
        String name = section.text("authenticator", "");
        if (name.isEmpty()) {
            section.problem("authenticator", "name an extension, such as bearertokenauth");
        }
        if (!section.texts("request_params").isEmpty()) {
            section.problem(
                    "request_params",
                    "Firn takes credentials from headers only; take it out and send a header");
        }
        section.close();
        return name.isEmpty()
                ? Optional.empty()
                : Optional.of(new AuthConfig(name, section.place("authenticator")));
    }
}
