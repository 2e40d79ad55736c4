package dev.firn.model;

import java.util.List;

/// The columns that the tables and views know by name, drawn from attributes: point before
/// resource, the first source present wins, dots or underscores, text or integer; empty if absent
/// (DESIGN §6, both HTTP conventions of §8).
public record WellKnown(
        String serviceName,
        String environment,
        String dataPlaneId,
        String clusterId,
        String region,
        String httpMethod,
        String httpRoute,
        String httpStatusCode) {
    private static final List<String> SERVICE_NAME = withUnderscores("service.name");
    private static final List<String> ENVIRONMENT =
            withUnderscores("environment", "deployment.environment.name", "deployment.environment");
    private static final List<String> DATA_PLANE_ID =
            withUnderscores("data_plane_id", "data.plane.id");
    private static final List<String> CLUSTER_ID =
            withUnderscores("cluster_id", "cluster.id", "k8s.cluster.name");
    private static final List<String> REGION = withUnderscores("region", "cloud.region");
    private static final List<String> HTTP_METHOD =
            withUnderscores("http.request.method", "http.method");
    private static final List<String> HTTP_ROUTE = withUnderscores("http.route");
    private static final List<String> HTTP_STATUS_CODE =
            withUnderscores("http.response.status_code", "http.status_code");

    /// Draws the columns from a point's and its resource's attributes.
    public static WellKnown of(Attributes point, Attributes resource) {
        return new WellKnown(
                find(SERVICE_NAME, point, resource),
                find(ENVIRONMENT, point, resource),
                find(DATA_PLANE_ID, point, resource),
                find(CLUSTER_ID, point, resource),
                find(REGION, point, resource),
                find(HTTP_METHOD, point, resource),
                find(HTTP_ROUTE, point, resource),
                find(HTTP_STATUS_CODE, point, resource));
    }

    private static List<String> withUnderscores(String... keys) {
        return java.util.Arrays.stream(keys)
                .flatMap(key -> java.util.stream.Stream.of(key, key.replace('.', '_')))
                .distinct()
                .toList();
    }

    private static String find(List<String> keys, Attributes point, Attributes resource) {
        String value = find(keys, point);
        return value.isEmpty() ? find(keys, resource) : value;
    }

    private static String find(List<String> keys, Attributes attributes) {
        for (String key : keys) {
            String value =
                    switch (attributes.find(key).orElse(null)) {
                        case AttributeValue.Text(String text) -> text;
                        case AttributeValue.Int(long number) -> Long.toString(number);
                        case null, default -> "";
                    };
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }
}
