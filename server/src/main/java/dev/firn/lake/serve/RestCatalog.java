package dev.firn.lake.serve;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.firn.config.LakeConfig;
import dev.firn.config.S3Config;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.aws.AwsClientProperties;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.Endpoint;
import org.apache.iceberg.rest.RESTCatalogProperties;
import org.apache.iceberg.rest.RESTSerializers;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.jspecify.annotations.Nullable;

/// An Iceberg REST catalog over the lake's own, reading only. What reads belongs to it: the
/// configuration, namespaces, tables and their metadata; everything else is refused. Readers open
/// data files themselves, with credentials of their own. Thread-safe.
///
/// Source: Iceberg's `open-api/rest-catalog-open-api.yaml`.
public final class RestCatalog {
    /// What is answered.
    ///
    /// @param body JSON; empty where there is nothing to say
    public record Answer(int status, byte[] body) {}

    private static final String NAMESPACE_SEPARATOR = "\u001f";
    private static final List<Endpoint> ENDPOINTS =
            List.of(
                    Endpoint.V1_LIST_NAMESPACES,
                    Endpoint.V1_LOAD_NAMESPACE,
                    Endpoint.V1_NAMESPACE_EXISTS,
                    Endpoint.V1_LIST_TABLES,
                    Endpoint.V1_LOAD_TABLE,
                    Endpoint.V1_TABLE_EXISTS);

    private final Catalog catalog;
    private final Map<String, String> readers;
    private final ObjectMapper json = new ObjectMapper();

    /// @param catalog must not cache tables, and must know namespaces
    /// @param readers properties that readers need to open the files (an S3 endpoint, for example),
    ///   without secrets
    public RestCatalog(Catalog catalog, Map<String, String> readers) {
        if (!(catalog instanceof SupportsNamespaces)) {
            throw new IllegalArgumentException("a catalog without namespaces cannot be served");
        }
        this.catalog = catalog;
        this.readers = new LinkedHashMap<>(readers); // Iceberg asks it for null
        json.setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY);
        json.configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
        json.setPropertyNamingStrategy(new PropertyNamingStrategies.KebabCaseStrategy());
        RESTSerializers.registerAll(json);
    }

    /// What readers need to open a lake's files, in the names of Iceberg's Java library and, where
    /// it has its own, pyiceberg's. Never credentials.
    public static Map<String, String> readers(LakeConfig lake) {
        var readers = new LinkedHashMap<String, String>();
        if (!lake.remote()) {
            return readers;
        }
        S3Config s3 = lake.s3();
        String region = s3.region();
        if (!s3.endpoint().isEmpty()) {
            readers.put(S3FileIOProperties.ENDPOINT, s3.endpoint());
            region = region.isEmpty() ? "us-east-1" : region; // as Firn's own client
        }
        if (s3.pathStyle()) {
            readers.put(S3FileIOProperties.PATH_STYLE_ACCESS, "true");
        }
        if (!region.isEmpty()) {
            readers.put(AwsClientProperties.CLIENT_REGION, region);
            readers.put("s3.region", region);
        }
        return readers;
    }

    /// Answers a request.
    ///
    /// @param method of HTTP
    /// @param rawPath below the catalog's URI, percent-encoded: `/v1/namespaces`, for example
    /// @param query a parameter's value; null where it is absent
    public Answer answer(String method, String rawPath, UnaryOperator<@Nullable String> query) {
        try {
            return read(method, parts(rawPath), query);
        } catch (NoSuchTableException | NoSuchNamespaceException e) {
            return error(404, e.getClass().getSimpleName(), String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return error(400, "BadRequestException", String.valueOf(e.getMessage()));
        }
    }

    /// An error in the protocol's form.
    public Answer error(int status, String type, String message) {
        return new Answer(
                status,
                bytes(
                        ErrorResponse.builder()
                                .responseCode(status)
                                .withType(type)
                                .withMessage(message)
                                .build()));
    }

    private Answer read(String method, List<String> path, UnaryOperator<@Nullable String> query) {
        boolean head = method.equals("HEAD");
        if (!head && !method.equals("GET")) {
            return error(
                    406,
                    "UnsupportedOperationException",
                    "cannot "
                            + method
                            + " here: this catalog is read-only; Firn itself writes these tables");
        }
        Answer answer = head ? exists(path) : load(path, query);
        return answer == null
                ? error(
                        404,
                        "NotFoundException",
                        "nothing is served at \"/"
                                + String.join("/", path)
                                + "\"; /v1/config lists the endpoints")
                : answer;
    }

    private @Nullable Answer exists(List<String> path) {
        if (path.size() == 3 && isNamespaces(path)) {
            CatalogHandlers.namespaceExists(spaces(), namespaceOf(path.get(2)));
        } else if (path.size() == 5 && isTables(path)) {
            CatalogHandlers.tableExists(
                    catalog, TableIdentifier.of(namespaceOf(path.get(2)), path.get(4)));
        } else {
            return null;
        }
        return new Answer(204, new byte[0]);
    }

    private @Nullable Answer load(List<String> path, UnaryOperator<@Nullable String> query) {
        return switch (path.size()) {
            case 2 ->
                    isNamespaces(path)
                            ? found(namespaces(query))
                            : path.get(1).equals("config") ? found(config()) : null;
            case 3 ->
                    isNamespaces(path)
                            ? found(
                                    CatalogHandlers.loadNamespace(
                                            spaces(), namespaceOf(path.get(2))))
                            : null;
            case 4 -> isTables(path) ? found(tables(path.get(2), query)) : null;
            case 5 -> isTables(path) ? found(table(path.get(2), path.get(4), query)) : null;
            default -> null;
        };
    }

    private static boolean isNamespaces(List<String> path) {
        return path.get(1).equals("namespaces");
    }

    private static boolean isTables(List<String> path) {
        return isNamespaces(path) && path.get(3).equals("tables");
    }

    private ConfigResponse config() {
        return ConfigResponse.builder().withEndpoints(ENDPOINTS).withDefaults(readers).build();
    }

    private Object namespaces(UnaryOperator<@Nullable String> query) {
        String parent = query.apply("parent");
        Namespace below =
                parent == null || parent.isEmpty() ? Namespace.empty() : namespaceOf(parent);
        String size = query.apply("pageSize");
        return size == null
                ? CatalogHandlers.listNamespaces(spaces(), below)
                : CatalogHandlers.listNamespaces(spaces(), below, page(query), size);
    }

    private Object tables(String name, UnaryOperator<@Nullable String> query) {
        Namespace namespace = namespaceOf(name);
        String size = query.apply("pageSize");
        return size == null
                ? CatalogHandlers.listTables(catalog, namespace)
                : CatalogHandlers.listTables(catalog, namespace, page(query), size);
    }

    private LoadTableResponse table(
            String namespace, String name, UnaryOperator<@Nullable String> query) {
        var table = TableIdentifier.of(namespaceOf(namespace), name);
        LoadTableResponse loaded =
                CatalogHandlers.loadTable(
                        catalog,
                        table,
                        "refs".equals(query.apply("snapshots"))
                                ? RESTCatalogProperties.SnapshotMode.REFS
                                : RESTCatalogProperties.SnapshotMode.ALL);
        return LoadTableResponse.builder()
                .withTableMetadata(loaded.tableMetadata())
                .addAllConfig(loaded.config())
                .addAllConfig(readers)
                .build();
    }

    private SupportsNamespaces spaces() {
        return (SupportsNamespaces) catalog;
    }

    private static String page(UnaryOperator<@Nullable String> query) {
        String token = query.apply("pageToken");
        return token == null ? "" : token;
    }

    private static Namespace namespaceOf(String joined) {
        return Namespace.of(joined.split(NAMESPACE_SEPARATOR));
    }

    /// Without what stands before the first slash, decoded.
    private static List<String> parts(String rawPath) {
        var parts = new ArrayList<String>();
        for (String part : rawPath.split("/")) {
            if (!part.isEmpty()) {
                parts.add(URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8));
            }
        }
        return parts;
    }

    private Answer found(Object value) {
        return new Answer(200, bytes(value));
    }

    private byte[] bytes(Object value) {
        try {
            return json.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write an answer of the catalog", e);
        }
    }
}
