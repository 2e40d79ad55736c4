package dev.firn.config;

/// An exporter as configured.
public interface ExporterConfig {}
