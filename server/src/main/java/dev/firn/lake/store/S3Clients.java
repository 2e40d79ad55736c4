package dev.firn.lake.store;

import dev.firn.config.S3Config;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.apache.iceberg.aws.AwsClientProperties;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;

/// Clients of an S3 as `lake.s3` describes it: every call ends in bounded time, after a bounded
/// number of attempts with pauses drawn at random.
final class S3Clients {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration FIRST_PAUSE_THROTTLED = Duration.ofSeconds(1);
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    private final S3Config config;
    private final Runnable retried;

    /// @param retried told of each attempt but the first
    S3Clients(S3Config config, Runnable retried) {
        this.config = config;
        this.retried = retried;
    }

    /// A new client.
    ///
    /// @param vended what a REST catalog says about a table: its credentials win over the
    ///   configured ones, its endpoint and region fill gaps
    S3Client client(Map<String, String> vended) {
        Duration attempt = Duration.ofNanos(config.requestTimeoutNanos());
        var builder =
                S3Client.builder()
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(min(attempt, CONNECT_MAX))
                                        .socketTimeout(min(attempt, SILENCE_MAX)))
                        .credentialsProvider(credentials(vended))
                        .overrideConfiguration(override ->
                                override.apiCallAttemptTimeout(attempt)
                                        .apiCallTimeout(Duration.ofNanos(config.callTimeoutNanos()))
                                        .retryStrategy(retries())
                                        .addExecutionInterceptor(new Attempts(retried)));
        String endpoint = or(config.endpoint(), vended.get(S3FileIOProperties.ENDPOINT));
        boolean pathStyle =
                config.pathStyle()
                        || Boolean.parseBoolean(vended.get(S3FileIOProperties.PATH_STYLE_ACCESS));
        builder.forcePathStyle(pathStyle);
        if (!endpoint.isEmpty()) {
            // Newer checksums are unknown to many an S3 that is not Amazon's.
            builder.endpointOverride(URI.create(endpoint))
                    .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        }
        String region = or(config.region(), vended.get(AwsClientProperties.CLIENT_REGION));
        if (!region.isEmpty()) {
            builder.region(Region.of(region));
        } else if (!endpoint.isEmpty()) {
            builder.region(Region.US_EAST_1);
        }
        return builder.build();
    }

    private static String or(String configured, @Nullable String vended) {
        return configured.isEmpty() && vended != null ? vended : configured;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private AwsCredentialsProvider credentials(Map<String, String> vended) {
        String key = vended.get(S3FileIOProperties.ACCESS_KEY_ID);
        if (key != null) {
            return new AwsClientProperties(vended)
                    .credentialsProvider(
                            key,
                            vended.get(S3FileIOProperties.SECRET_ACCESS_KEY),
                            vended.get(S3FileIOProperties.SESSION_TOKEN));
        }
        return configuredCredentials(config);
    }

    /// What the configuration says, or the SDK's chain.
    static AwsCredentialsProvider configuredCredentials(S3Config config) {
        if (config.accessKey().isEmpty()) {
            return DefaultCredentialsProvider.builder().build();
        }
        String token = config.sessionToken().value();
        return StaticCredentialsProvider.create(
                token.isEmpty()
                        ? AwsBasicCredentials.create(config.accessKey(), config.secretKey().value())
                        : AwsSessionCredentials.create(
                                config.accessKey(), config.secretKey().value(), token));
    }

    /// Without the SDK's bucket of tokens, which would forbid retries in an outage: attempts are
    /// bounded, and so are the callers (a sink, and what runs on a schedule).
    private StandardRetryStrategy retries() {
        Duration longest = Duration.ofNanos(config.retryPauseMaxNanos());
        return StandardRetryStrategy.builder()
                .maxAttempts(config.attemptsMax())
                .circuitBreakerEnabled(false)
                .backoffStrategy(
                        BackoffStrategy.exponentialDelay(min(FIRST_PAUSE, longest), longest))
                .throttlingBackoffStrategy(
                        BackoffStrategy.exponentialDelay(
                                min(FIRST_PAUSE_THROTTLED, longest), longest))
                .build();
    }

    /// Counts attempts behind the first.
    private record Attempts(Runnable retried) implements ExecutionInterceptor {
        private static final ExecutionAttribute<Boolean> TRIED =
                new ExecutionAttribute<>("firn.tried");

        @Override
        public void beforeTransmission(
                Context.BeforeTransmission context, ExecutionAttributes attributes) {
            if (Boolean.TRUE.equals(attributes.getAttribute(TRIED))) {
                retried.run();
            }
            attributes.putAttribute(TRIED, true);
        }
    }
}
