package dev.firn.config;

/// An exporter as configured.
public sealed interface ExporterConfig
        permits FirnExporterConfig,
                PrometheusExporterConfig,
                FileExporterConfig,
                DebugExporterConfig,
                OtlpGrpcExporterConfig,
                OtlpHttpExporterConfig {}
