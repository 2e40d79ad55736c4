package dev.firn.config;

/// A receiver as configured; only those that a pipeline names are started.
public interface ReceiverConfig {}
