package dev.firn.config;

/// An extension as configured.
public interface ExtensionConfig {}
