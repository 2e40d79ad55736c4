package dev.firn.lake.store;

import dev.firn.base.WorldException;
import dev.firn.config.LakeConfig;
import java.io.IOException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Says of a failure which right or setting is missing.
final class Denial {
    private final LakeConfig config;

    Denial(LakeConfig config) {
        this.config = config;
    }

    /// @param permission what the deed needs: `s3:PutObject`, `to create tables`
    /// @param on the object or table
    String explain(Throwable failure, String permission, String on) {
        for (@Nullable Throwable at = failure; at != null; at = at.getCause()) {
            String reason =
                    switch (at) {
                        case WorldException e -> String.valueOf(e.getMessage());
                        case S3Exception e -> s3(e, permission, on);
                        case SQLException e -> database(e);
                        case NotAuthorizedException e ->
                                "the catalog knows these credentials not (401: "
                                        + e.getMessage()
                                        + "): check lake.catalog.token or lake.catalog.oauth2";
                        case ForbiddenException e ->
                                "the catalog refuses it (403: "
                                        + e.getMessage()
                                        + "): grant this client the right "
                                        + permission;
                        case NoSuchTableException e ->
                                "the catalog does not show what was made: " + e.getMessage();
                        case UnknownHostException e ->
                                "no such host \""
                                        + e.getMessage()
                                        + "\": check "
                                        + address(permission);
                        case IOException e when e.getCause() == null ->
                                "cannot reach it ("
                                        + e
                                        + "): check "
                                        + address(permission)
                                        + ", the network, and the disk where it is one";
                        case SdkClientException e when isCredentials(e) ->
                                "no credentials: set lake.s3.access_key and secret_key, or"
                                        + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a"
                                        + " profile or role of this machine ("
                                        + e.getMessage()
                                        + ")";
                        case SdkClientException e when isRegion(e) ->
                                "no region: set lake.s3.region or AWS_REGION";
                        default -> "";
                    };
            if (!reason.isEmpty()) {
                return reason;
            }
        }
        return failure.toString();
    }

    private static boolean isCredentials(SdkClientException e) {
        return String.valueOf(e.getMessage()).contains("Unable to load credentials");
    }

    private static boolean isRegion(SdkClientException e) {
        return String.valueOf(e.getMessage()).contains("Unable to load region");
    }

    private static String address(String permission) {
        return permission.startsWith("s3:") ? "lake.s3.endpoint" : "lake.catalog.uri";
    }

    private String s3(S3Exception e, String permission, String on) {
        String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
        String said = " (" + e.statusCode() + " " + code + ")";
        if (String.valueOf(e.getMessage()).contains("KMS") || code.startsWith("KMS.")) {
            return "the key refuses it"
                    + said
                    + ": allow kms:GenerateDataKey and kms:Decrypt on "
                    + (config.s3().kmsKey().isEmpty()
                            ? "the bucket's key"
                            : "\"" + config.s3().kmsKey() + "\"");
        }
        return switch (code) {
            case "NoSuchBucket" ->
                    "there is no such bucket"
                            + said
                            + ": make it, or correct lake.warehouse \""
                            + config.warehouse()
                            + "\"";
            case "InvalidAccessKeyId" ->
                    "the access key is unknown" + said + ": correct lake.s3.access_key";
            case "SignatureDoesNotMatch" ->
                    "the signature is refused"
                            + said
                            + ": correct lake.s3.secret_key; with an endpoint of one's own also"
                            + " region and path_style";
            case "RequestTimeTooSkewed" ->
                    "this machine's clock is wrong" + said + ": set it (NTP)";
            case "PermanentRedirect", "AuthorizationHeaderMalformed" ->
                    "the bucket is in another region" + said + ": correct lake.s3.region";
            case "ExpiredToken", "InvalidToken" ->
                    "the session token is no longer valid" + said + ": renew it";
            default ->
                    switch (e.statusCode()) {
                        case 401, 403 -> "denied" + said + ": allow " + permission + " on " + on;
                        case 301, 307 ->
                                "the bucket is in another region"
                                        + said
                                        + ": correct lake.s3.region";
                        case 404 ->
                                "it is not there"
                                        + said
                                        + ": check lake.warehouse and lake.s3.path_style";
                        default -> "the server answers " + e.getMessage();
                    };
        };
    }

    private static String database(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String said = " (SQLSTATE " + state + ": " + e.getMessage() + ")";
        return switch (state) {
            case "28P01", "28000" ->
                    "the database refuses the login"
                            + said
                            + ": correct lake.catalog.user and password";
            case "3D000" ->
                    "there is no such database"
                            + said
                            + ": make it (CREATE DATABASE), or correct lake.catalog.uri";
            case "42501" ->
                    "the database user may not do it"
                            + said
                            + ": GRANT CREATE, USAGE on its schema, and SELECT, INSERT, UPDATE,"
                            + " DELETE on iceberg_tables and iceberg_namespace_properties";
            default ->
                    state.startsWith("08")
                            ? "cannot reach the database" + said + ": check lake.catalog.uri"
                            : "the database answers" + said;
        };
    }
}
