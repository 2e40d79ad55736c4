package dev.firn.config;

/// An extension of the Collector whose task Firn does in another way.
///
/// @param type such as `health_check`
public record IgnoredExtensionConfig(String type) implements ExtensionConfig {
    /// @param instead what Firn has
    static IgnoredExtensionConfig read(String type, Section section, String instead) {
        section.warning("Firn does not start this; " + instead);
        return new IgnoredExtensionConfig(type);
    }
}
