package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The files of `config/`, and the seed's own.
class ShippedConfigTest {
    private static final Path CONFIG = Path.of("../config");
    private static final Path PRODUCTION = CONFIG.resolve("config-production.yaml");
    private static final Path SEED = Path.of("src/test/config/seed/config-production.yaml");

    private static Config read(Path... files) {
        return ConfigReader.read(List.of(files), variable -> null);
    }

    @Test
    void theCollectorsFileAloneWarnsThatNothingKeepsThePoints() {
        assertThat(read(PRODUCTION).warnings())
                .singleElement()
                .asString()
                .contains(
                        "nothing durable keeps the points of metrics/realtime, metrics/storage,"
                                + " metrics/debug",
                        "add --config config/firn.yaml",
                        "metrics/firn: {receivers: [otlp], exporters: [firn]}");
    }

    @Test
    void besideFirnsFileItWarnsOfNothing() {
        Config config = read(PRODUCTION, CONFIG.resolve("firn.yaml"));
        assertThat(config.warnings()).isEmpty();
        assertThat(config.pipelines().keySet())
                .containsExactly(
                        "metrics/realtime", "metrics/storage", "metrics/debug", "metrics/firn");
        assertThat(config.pipelines().values().stream().filter(config::durable)).hasSize(1);
        assertThat(config.receivers(OtlpReceiverConfig.class)).containsOnlyKeys("otlp");
    }

    @Test
    void theBuiltInConfigurationWarnsOfNothing() {
        assertThat(read().warnings()).isEmpty();
    }

    @Test
    void theUploaderReadsWhatTheFileExporterWrites() {
        Config config = read(CONFIG.resolve("uploader.yaml"));
        assertThat(config.warnings()).isEmpty();
        assertThat(config.receivers(OtlpJsonFileReceiverConfig.class).get("otlpjsonfile"))
                .satisfies(one -> {
                    assertThat(one.include()).containsExactly("./buffer/metrics*.jsonl");
                    assertThat(one.startAtBeginning()).isTrue();
                });
        assertThat(config.telemetry().metricsEndpoint()).isEmpty();
    }

    @Test
    void theEnvironmentChoosesWhereItListensAndWrites() {
        Config config =
                ConfigReader.read(
                        List.of(PRODUCTION),
                        Map.of("FIRN_LISTEN", "0.0.0.0", "FIRN_BUFFER", "/buffer")::get);
        assertThat(config.exporters(FileExporterConfig.class).get("file/metrics"))
                .satisfies(one -> {
                    assertThat(one.path()).isEqualTo(Path.of("/buffer/metrics.jsonl"));
                    assertThat(one.createDirectory()).isTrue();
                });
        assertThat(config.telemetry().metricsEndpoint())
                .hasValue(new Config.Address("0.0.0.0", 8888));
        assertThat(config.warnings())
                .filteredOn(one -> one.contains("open to the network"))
                .hasSize(4);
    }

    @Test
    void theSeedsFileStartsAndEachOldLineIsShownANewOne() {
        Map<String, String> environment =
                Map.of("ENVIRONMENT", "production", "DATA_PLANE_ID", "prod-1");
        Config config = ConfigReader.read(List.of(SEED), environment::get);
        assertThat(config.warnings().stream().map(ShippedConfigTest::withoutFolder))
                .containsExactly(
                        "config-production.yaml:26: processors.resource.attributes[2].value: a"
                                + " Collector refuses ${env:NAME:default}; write value:"
                                + " ${env:CLUSTER_ID:-default-cluster}",
                        "config-production.yaml:29: processors.resource.attributes[3].value: a"
                                + " Collector refuses ${env:NAME:default}; write value:"
                                + " ${env:AWS_REGION:-us-east-1}",
                        year(38, "Year", "year", 0),
                        year(39, "Month", "month", 1),
                        year(40, "Day", "day", 2),
                        year(41, "Hour", "hour", 3),
                        "config-production.yaml:68: exporters.prometheus"
                                + ".resource_to_telemetry_conversion: is the old name of"
                                + " resource_constant_labels; write resource_constant_labels:"
                                + " {included: [\"*\"]}",
                        "config-production.yaml:82: exporters.logging: \"logging\" is the old name"
                                + " of \"debug\", which a Collector refuses; write debug: here and"
                                + " exporters: [debug] in the pipelines",
                        "config-production.yaml:83: exporters.logging.loglevel: is the old name of"
                                + " verbosity; write verbosity: normal",
                        "config-production.yaml:92: service.telemetry.metrics.address: a Collector"
                                + " refuses this key; write readers: [{pull: {exporter:"
                                + " {prometheus: {host: \"0.0.0.0\", port: 8888}}}}]",
                        open(5, "receivers.otlp.protocols.grpc.endpoint", 4317),
                        open(7, "receivers.otlp.protocols.http.endpoint", 4318),
                        open(60, "exporters.prometheus.endpoint", 8889),
                        open(92, "service.telemetry.metrics.address", 8888),
                        label(63, "environment"),
                        label(64, "data_plane_id"),
                        """
                        config-production.yaml:95: service.pipelines: nothing durable keeps the \
                        points of metrics/realtime, metrics/storage, metrics/debug: they are \
                        answered before they are safe; add --config config/firn.yaml, or these lines:
                          exporters:
                            firn:
                          service:
                            pipelines:
                              metrics/firn: {receivers: [otlp], exporters: [firn]}\
                        """);
        assertThat(config.processors().get("transform/storage"))
                .isEqualTo(new TransformProcessorConfig(ErrorMode.IGNORE, List.of()));
        assertThat(config.exporters().get("logging"))
                .isEqualTo(new DebugExporterConfig(DebugExporterConfig.Verbosity.NORMAL, 5, 200));
    }

    @Test
    void aVariableThatIsNotSetIsSaidOnceALine() {
        Config config = ConfigReader.read(List.of(SEED), name -> null);
        for (int line : new int[] {20, 23, 63, 64}) {
            assertThat(config.warnings())
                    .filteredOn(one -> one.startsWith(SEED + ":" + line + ": "))
                    .singleElement()
                    .asString()
                    .contains("is not set");
        }
    }

    private static String withoutFolder(String warning) {
        return warning.replace(SEED + ":", "config-production.yaml:");
    }

    private static String year(int line, String function, String attribute, int at) {
        return ("config-production.yaml:%d:"
                        + " processors.transform/storage.metric_statements[0].statements[%d]: %s()"
                        + " takes a time and start_time_unix_nano is a number, so that this"
                        + " statement is left out; Firn partitions by each point's own time and"
                        + " needs no such attribute, which would begin a new series whenever it"
                        + " changes: take the line out, or write - set(attributes[\"%s\"],"
                        + " %s(start_time))")
                .formatted(line, at, function, attribute, function);
    }

    private static String open(int line, String path, int port) {
        return ("config-production.yaml:%d: %s: 0.0.0.0:%d is open to the network and asks for no"
                        + " credentials; listen on 127.0.0.1 or put a firewall before it")
                .formatted(line, path, port);
    }

    private static String label(int line, String name) {
        return ("config-production.yaml:%d: exporters.prometheus.const_labels.%s: the resource has"
                        + " this label too, and its value is the one shown; take this line out")
                .formatted(line, name);
    }
}
