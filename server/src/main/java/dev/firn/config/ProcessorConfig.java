package dev.firn.config;

/// A processor as configured.
public interface ProcessorConfig {}
