package dev.firn;

import dev.firn.base.security.ServerSecurity;
import dev.firn.config.ClientConfig;
import dev.firn.config.SendingQueueConfig;
import dev.firn.model.Batch;
import dev.firn.model.Exporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// What an exporter costs: how long a batch keeps its request thread, and points sent a second. Run
/// by hand; no test.
final class SendingTrial {
    private SendingTrial() {}

    public static void main(String[] arguments) throws Exception {
        Path data = Files.createTempDirectory("firn-sending");
        var fixture = new SendingFixture(data);
        fixture.compression = ClientConfig.Compression.GZIP;
        fixture.queue =
                new SendingQueueConfig(
                        true,
                        4,
                        100_000,
                        SendingQueueConfig.Sizer.REQUESTS,
                        false,
                        100 * SendingFixture.MILLI,
                        8_192,
                        8_192,
                        4 << 20);
        int points = 1_000;
        int batches = 2_000;
        Batch batch = fixture.batch(0, points);
        try (var servers = new OtlpPeers.Servers(ServerSecurity.NONE);
                Exporter exporter = fixture.http(servers.http.port())) {
            long[] micros = new long[batches];
            long began = System.nanoTime();
            for (int i = 0; i < batches; i++) {
                long start = System.nanoTime();
                exporter.export(batch);
                micros[i] = (System.nanoTime() - start) / 1_000;
            }
            long queued = System.nanoTime() - began;
            OtlpPeers.await(
                    "all",
                    () ->
                            fixture.metric("otelcol_exporter_sent_metric_points")
                                    >= (double) points * batches);
            long sent = System.nanoTime() - began;
            Arrays.sort(micros);
            System.out.printf(
                    "a batch of %d points keeps its thread %d us (median), %d us (99 %%);"
                            + " queued %.0f points/s, sent %.0f points/s%n",
                    points,
                    micros[batches / 2],
                    micros[batches * 99 / 100],
                    points * batches * 1e9 / queued,
                    points * batches * 1e9 / sent);
        }
    }
}
