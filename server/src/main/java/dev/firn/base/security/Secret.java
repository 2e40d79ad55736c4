package dev.firn.base.security;

/// Text that no log, message or dump may show.
public record Secret(String value) {
    @Override
    public String toString() {
        return "[secret]";
    }
}
