package dev.firn.lake;

import dev.firn.base.NioDisk;
import dev.firn.config.Config;
import dev.firn.config.ConfigReader;
import dev.firn.config.LakeConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A lake on an S3, behind a proxy that can spoil requests, with a catalog of either kind.
final class S3Home implements AutoCloseable {
    enum Kind {
        SQLITE,
        REST
    }

    static final String TOKEN = "a-token";

    final FaultProxy proxy;
    final String warehouse = "s3://" + S3Process.BUCKET + "/" + UUID.randomUUID();
    private final Path data;
    private @Nullable RestServer rest;
    private String ofCatalog = "";
    private @Nullable LakeCatalog behind;

    S3Home(Kind kind, Path data) throws IOException {
        this.data = data;
        proxy = new FaultProxy(S3Process.endpoint());
        if (kind == Kind.REST) {
            // The server reaches its files past the proxy: its own faults are not the subject.
            behind = LakeCatalog.open(config("", S3Process.endpoint()), data, new NioDisk());
            rest = new RestServer(behind.catalog(), new Random(5));
            rest.token = TOKEN;
        }
    }

    /// A share of the commits is done and answered with 503, by a REST catalog.
    void falseShare(double share) {
        if (rest != null) {
            rest.falseShare = share;
        }
    }

    /// What the REST catalog gives its token for, `id:secret`.
    void credential(String credential) {
        if (rest != null) {
            rest.credential = credential;
        }
    }

    /// The REST catalog vends these for each table's files when it is asked to, and Firn asks.
    void vend(Map<String, String> credentials) {
        if (rest != null) {
            rest.vended = credentials;
            ofCatalog = ", vended_credentials: true";
        }
    }

    String restUri() {
        return rest == null ? "" : rest.uri();
    }

    /// As a file of the user's would have it.
    LakeConfig config() {
        return config("");
    }

    /// @param more keys of `lake.s3`
    LakeConfig config(String more) {
        return config(more, proxy.endpoint());
    }

    private LakeConfig config(String more, String endpoint) {
        return read(yaml(more, endpoint)).lake();
    }

    String yaml(String more) {
        return yaml(more, proxy.endpoint());
    }

    private String yaml(String more, String endpoint) {
        String catalog =
                rest == null
                        ? ""
                        : "  catalog: {type: rest, uri: \"%s\", token: %s, timeout: 5s%s}\n"
                                .formatted(rest.uri(), TOKEN, ofCatalog);
        return """
        receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}}}}
        exporters: {firn: }
        service: {pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}
        lake:
          warehouse: %s
        %s  s3:
            endpoint: %s
            path_style: true
            access_key: id
            secret_key: secret
            attempts_max: 3
            retry_pause_max: 50ms
            request_timeout: 1s
            call_timeout: 4s
            part_size: 5MiB
        %s\
        """
                .formatted(
                        warehouse,
                        catalog,
                        endpoint,
                        more.lines().map(line -> "    " + line + "\n").reduce("", String::concat));
    }

    static Config read(String yaml) {
        return ConfigReader.parse(Map.of("firn.yaml", yaml), name -> null);
    }

    /// Another process's catalog.
    LakeCatalog catalog() {
        return LakeCatalog.open(config(), data, new NioDisk());
    }

    @Override
    public void close() {
        if (rest != null) {
            rest.close();
        }
        if (behind != null) {
            behind.close();
        }
        proxy.close();
    }
}
