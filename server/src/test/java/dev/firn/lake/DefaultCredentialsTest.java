package dev.firn.lake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.config.LakeConfig;
import dev.firn.lake.FaultProxy.Fault;
import dev.firn.lake.store.LakeDoctor;
import dev.firn.lake.store.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Without keys in its configuration Firn takes those of the AWS SDK's chain. The doctor stands
/// before an S3 that answers only what was signed with the right secret.
@Timeout(180)
final class DefaultCredentialsTest {
    private static final String EXPIRES = "2099-01-01T00:00:00Z";
    private static final Map<String, Signatures.Key> KEYS =
            Map.of(
                    "lasting", new Signatures.Key("its/secret+", ""),
                    "temporary", new Signatures.Key("another", "a-session"));

    @TempDir Path folder;

    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    private S3Home home;
    private HttpServer identities;

    @BeforeEach
    void open() throws IOException {
        home = new S3Home(S3Home.Kind.SQLITE, folder);
        home.proxy.plan =
                request -> Signatures.signed(request, KEYS) ? Fault.NONE : Fault.FORBIDDEN;
        identities =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        identities.createContext("/", this::identity);
        identities.start();
    }

    @AfterEach
    void close() {
        identities.stop(0);
        home.close();
    }

    /// A machine's, a container's and a token's ways to temporary credentials.
    private void identity(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            String path = exchange.getRequestURI().getPath();
            asked.add(exchange.getRequestMethod() + " " + path + " " + body);
            String json =
                    """
                    {"Code": "Success", "AccessKeyId": "temporary", "SecretAccessKey": "another",
                     "Token": "a-session", "LastUpdated": "2020-01-01T00:00:00Z", "Expiration": "%s"}
                    """
                            .formatted(EXPIRES);
            String answer =
                    switch (path) {
                        case "/container", "/latest/meta-data/iam/security-credentials/a-role" ->
                                json;
                        case "/latest/api/token" -> "token-of-the-machine";
                        case "/latest/meta-data/iam/security-credentials/" -> "a-role";
                        case "/" ->
                                """
                                <AssumeRoleWithWebIdentityResponse>
                                <AssumeRoleWithWebIdentityResult><Credentials>
                                <AccessKeyId>temporary</AccessKeyId>
                                <SecretAccessKey>another</SecretAccessKey>
                                <SessionToken>a-session</SessionToken>
                                <Expiration>%s</Expiration>
                                </Credentials></AssumeRoleWithWebIdentityResult>
                                </AssumeRoleWithWebIdentityResponse>
                                """
                                        .formatted(EXPIRES);
                        default -> "";
                    };
            byte[] bytes = answer.getBytes(UTF_8);
            exchange.getResponseHeaders().set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600");
            exchange.sendResponseHeaders(answer.isEmpty() ? 404 : 200, Math.max(1, bytes.length));
            exchange.getResponseBody().write(answer.isEmpty() ? new byte[1] : bytes);
        }
    }

    private String identities(String path) {
        return "http://127.0.0.1:" + identities.getAddress().getPort() + path;
    }

    /// Names no keys, and leaves time for the first use of each class on a busy machine.
    private String yaml() {
        String yaml = home.yaml("");
        String without =
                yaml.replaceAll("(?m)^ +(access_key|secret_key):.*\n", "")
                        .replaceAll("(request|call)_timeout: .*", "$1_timeout: 30s");
        assertThat(without.lines()).hasSize((int) yaml.lines().count() - 2);
        return without;
    }

    /// What `firn lake doctor` prints in an environment of its own.
    private String doctor(int status, Map<String, String> environment) throws Exception {
        Path config = Files.writeString(folder.resolve("firn.yaml"), yaml());
        Path out = folder.resolve("doctor.log");
        var builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx256m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Duser.home=" + folder,
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.firn.Firn",
                                "lake",
                                "doctor",
                                "--config",
                                config.toString(),
                                "--data",
                                folder.resolve("data").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(out);
        assertThat(process.exitValue()).as(said).isEqualTo(status);
        return said;
    }

    /// The doctor in this process, which has no environment of its own: the SDK reads each of its
    /// variables as a property, too.
    private void assertSound(Map<String, String> properties) throws IOException {
        properties.forEach(System::setProperty);
        var findings = new ArrayList<LakeDoctor.Finding>();
        LakeConfig config = S3Home.read(yaml()).lake();
        try (var store = new Store(config, folder, new NioDisk(), Clock.system(), () -> {})) {
            store.prepare();
            assertThat(new LakeDoctor(config, store, Clock.system(), findings::add).examine())
                    .as(findings.toString())
                    .isTrue();
        } finally {
            properties.keySet().forEach(System::clearProperty);
        }
    }

    private void assertSigned(String id) {
        assertThat(home.proxy.seen)
                .hasSizeGreaterThan(5)
                .allSatisfy(request ->
                        assertThat(request.headers().get("authorization"))
                                .contains("Credential=" + id + "/"));
        assertThat(home.proxy.spoiled).as("requests that were refused").isZero();
    }

    @Test
    void keysOfTheEnvironmentAreUsedAndAWrongSecretIsRefused() throws Exception {
        doctor(0, Map.of("AWS_ACCESS_KEY_ID", "lasting", "AWS_SECRET_ACCESS_KEY", "its/secret+"));
        assertSigned("lasting");
        String refused =
                doctor(1, Map.of("AWS_ACCESS_KEY_ID", "lasting", "AWS_SECRET_ACCESS_KEY", "wrong"));
        assertThat(refused).contains("denied (403").contains("allow s3:PutObject on arn:aws:s3");
        assertThat(home.proxy.spoiled).isPositive();
    }

    @Test
    void withoutAnyTheDoctorSaysWhereTheyMayStand() throws Exception {
        assertThat(doctor(1, Map.of()))
                .contains(
                        "no credentials: set lake.s3.access_key and secret_key, or"
                                + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        assertThat(home.proxy.seen).isEmpty();
    }

    @Test
    void propertiesOfTheVirtualMachineAreUsed() throws Exception {
        assertSound(Map.of("aws.accessKeyId", "lasting", "aws.secretAccessKey", "its/secret+"));
        assertSigned("lasting");
    }

    @Test
    void aProfileOfTheUsersFileIsUsed() throws Exception {
        Path file = folder.resolve("credentials");
        Files.writeString(
                file,
                """
                [default]
                aws_access_key_id = lasting
                aws_secret_access_key = of another time
                [lake]
                aws_access_key_id = temporary
                aws_secret_access_key = another
                aws_session_token = a-session
                """);
        assertSound(Map.of("aws.sharedCredentialsFile", file.toString(), "aws.profile", "lake"));
        assertSigned("temporary");
    }

    @Test
    void aTokenOfWebIdentityIsExchanged() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "signed-by-the-cluster");
        assertSound(
                Map.of(
                        "aws.webIdentityTokenFile",
                        token.toString(),
                        "aws.roleArn",
                        "arn:aws:iam::123456789012:role/firn",
                        "aws.region",
                        "eu-central-1",
                        "aws.endpointUrlSts",
                        identities("")));
        assertSigned("temporary");
        assertThat(asked)
                .anySatisfy(request ->
                        assertThat(request)
                                .contains("Action=AssumeRoleWithWebIdentity")
                                .contains("WebIdentityToken=signed-by-the-cluster")
                                .contains("role%2Ffirn"));
    }

    @Test
    void credentialsOfAContainerAreUsed() throws Exception {
        assertSound(
                Map.of(
                        "aws.sharedCredentialsFile", folder.resolve("none").toString(),
                        "aws.containerCredentialsFullUri", identities("/container")));
        assertSigned("temporary");
        assertThat(asked).anyMatch(request -> request.startsWith("GET /container"));
    }

    @Test
    void theRoleOfAMachineIsUsed() throws Exception {
        assertSound(
                Map.of(
                        "aws.sharedCredentialsFile", folder.resolve("none").toString(),
                        "aws.disableEc2Metadata", "false",
                        "aws.ec2MetadataServiceEndpoint", identities("")));
        assertSigned("temporary");
        assertThat(asked).anyMatch(request -> request.endsWith("/security-credentials/a-role "));
    }
}
