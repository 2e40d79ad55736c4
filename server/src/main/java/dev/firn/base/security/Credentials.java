package dev.firn.base.security;

/// How a client says who it is.
public interface Credentials {
    /// A header to send with each request.
    ///
    /// @param name as it is sent
    record Header(String name, Secret value) {}

    /// What to send now; it changes when the file behind it does.
    Header header();
}
