package dev.firn.config;

import dev.firn.base.security.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;

/// `lake.s3`: how files on S3 are reached and kept. Durations are nanoseconds.
///
/// @param endpoint `https://host`; "" for Amazon's
/// @param region "" for what the environment says
/// @param pathStyle the bucket stands in the path, not in the host's name
/// @param accessKey "" for the SDK's chain (environment, profile, container, machine)
/// @param kmsKey of encryption by `aws:kms`; "" for the account's default
/// @param storageClass of new files; "" for the bucket's default
/// @param oldStorageClass of data files whose day is further back than `oldAfterNanos`; "" for none
/// @param requestTimeoutNanos of one attempt
/// @param callTimeoutNanos of one call with all its attempts
public record S3Config(
        String endpoint,
        String region,
        boolean pathStyle,
        String accessKey,
        Secret secretKey,
        Secret sessionToken,
        Encryption encryption,
        String kmsKey,
        String storageClass,
        String oldStorageClass,
        long oldAfterNanos,
        long partSize,
        int attemptsMax,
        long retryPauseMaxNanos,
        long requestTimeoutNanos,
        long callTimeoutNanos) {
    /// What the server encrypts files with.
    public enum Encryption {
        NONE,
        AES256,
        KMS
    }

    private static final long MIB = 1L << 20;
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long DAY = Duration.ofDays(1).toNanos();
    private static final Secret EMPTY = new Secret("");

    /// Classes whose files can be read at once.
    private static final List<String> CLASSES =
            List.of(
                    "STANDARD",
                    "STANDARD_IA",
                    "ONEZONE_IA",
                    "INTELLIGENT_TIERING",
                    "GLACIER_IR",
                    "REDUCED_REDUNDANCY",
                    "EXPRESS_ONEZONE");

    /// Amazon's, with what the environment says.
    static final S3Config DEFAULT =
            new S3Config(
                    "",
                    "",
                    false,
                    "",
                    EMPTY,
                    EMPTY,
                    Encryption.NONE,
                    "",
                    "",
                    "",
                    90 * DAY,
                    32 * MIB,
                    8,
                    20 * SECOND,
                    60 * SECOND,
                    300 * SECOND);

    static S3Config read(Section section) {
        var s3 =
                new S3Config(
                        section.text("endpoint", ""),
                        section.text("region", ""),
                        section.bool("path_style", false),
                        section.text("access_key", ""),
                        new Secret(section.text("secret_key", "")),
                        new Secret(section.text("session_token", "")),
                        switch (section.word("encryption", "none", "none", "AES256", "aws:kms")) {
                            case "AES256" -> Encryption.AES256;
                            case "aws:kms" -> Encryption.KMS;
                            default -> Encryption.NONE;
                        },
                        section.text("kms_key", ""),
                        storageClass(section, "storage_class"),
                        storageClass(section, "old_storage_class"),
                        section.nanos("old_after", DEFAULT.oldAfterNanos, DAY, 36_500 * DAY),
                        section.bytes("part_size", DEFAULT.partSize, 5 * MIB, 1L << 30),
                        (int) section.integer("attempts_max", DEFAULT.attemptsMax, 1, 100),
                        section.nanos(
                                "retry_pause_max",
                                DEFAULT.retryPauseMaxNanos,
                                SECOND / 100,
                                600 * SECOND),
                        section.nanos(
                                "request_timeout",
                                DEFAULT.requestTimeoutNanos,
                                SECOND / 10,
                                3_600 * SECOND),
                        section.nanos(
                                "call_timeout",
                                DEFAULT.callTimeoutNanos,
                                SECOND / 10,
                                3_600 * SECOND));
        s3.check(section);
        section.close();
        return s3;
    }

    private static String storageClass(Section section, String key) {
        String name = section.text(key, "");
        if (name.equals("GLACIER") || name.equals("DEEP_ARCHIVE")) {
            section.problem(
                    key, name + " gives files back only after hours; write GLACIER_IR instead");
        } else if (!name.isEmpty() && !CLASSES.contains(name)) {
            section.problem(key, "\"" + name + "\" is none of " + String.join(", ", CLASSES));
        }
        return name;
    }

    private void check(Section section) {
        if (!endpoint.isEmpty() && !isHttp(endpoint)) {
            section.problem(
                    "endpoint",
                    "\"" + endpoint + "\" is not an address such as https://minio.example:9000");
        }
        if (accessKey.isEmpty() != secretKey.value().isEmpty()) {
            section.problem(
                    accessKey.isEmpty() ? "access_key" : "secret_key",
                    "is missing beside "
                            + (accessKey.isEmpty() ? "secret_key" : "access_key")
                            + "; write both, or neither for the environment's");
        }
        if (!sessionToken.value().isEmpty() && accessKey.isEmpty()) {
            section.problem("session_token", "belongs to access_key and secret_key; write them");
        }
        if (!kmsKey.isEmpty() && encryption != Encryption.KMS) {
            section.problem("kms_key", "is used with encryption aws:kms only; set that");
        }
        if (callTimeoutNanos < requestTimeoutNanos) {
            section.problem(
                    "call_timeout",
                    Quantity.showNanos(callTimeoutNanos)
                            + " is below request_timeout "
                            + Quantity.showNanos(requestTimeoutNanos)
                            + "; raise it");
        }
    }

    private static boolean isHttp(String text) {
        try {
            var address = new URI(text);
            return ("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
                    && address.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
