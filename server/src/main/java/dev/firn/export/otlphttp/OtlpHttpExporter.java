package dev.firn.export.otlphttp;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.ExtensionConfig;
import dev.firn.config.OtlpHttpExporterConfig;
import dev.firn.export.otlp.OtlpEncoder;
import dev.firn.export.send.QueueLog;
import dev.firn.export.send.SendingExporters;
import dev.firn.model.Exporter;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Makes `otlphttp` exporters.
public final class OtlpHttpExporter {
    private OtlpHttpExporter() {}

    /// Opens the queue and starts to send what it holds.
    ///
    /// @param name in the configuration
    /// @param extensions by name, all that `service.extensions` lists
    /// @throws dev.firn.base.InputException when certificates or credentials cannot be used
    /// @throws dev.firn.base.WorldException when the queue cannot be opened
    public static Exporter open(
            String name,
            OtlpHttpExporterConfig config,
            Map<String, ? extends ExtensionConfig> extensions,
            QueueLog.Opener queues,
            OwnMetrics metrics,
            Clock clock,
            RandomGenerator random) {
        var transport =
                new HttpTransport(
                        config, config.client().openCredentials(extensions, clock), clock);
        return SendingExporters.open(
                name,
                config.client(),
                config.json() ? OtlpEncoder.Format.JSON : OtlpEncoder.Format.PROTOBUF,
                transport,
                queues,
                metrics,
                clock,
                random);
    }
}
