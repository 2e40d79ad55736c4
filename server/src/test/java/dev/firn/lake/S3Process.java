package dev.firn.lake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An S3 server of somebody else's (S3Mock) as a process, one for all tests of a run; it takes ten
/// seconds to start. Each test has a prefix of its own.
public final class S3Process {
    /// The bucket that is there from the start.
    public static final String BUCKET = "lake";

    /// The one key that the server knows.
    static final String KMS_KEY = "01234567-89ab-cdef-0123-456789abcdef";

    private static final Path JAR = Path.of("target/peers/s3mock.jar");
    private static final Pattern PORT = Pattern.compile("started on ports? .*?(\\d+) \\(http\\)");
    private static final Pattern MODIFIED = Pattern.compile("(\"modificationDate\":\")([^\"]*)\"");
    private static @Nullable String endpoint;
    private static @Nullable Path folder;

    private S3Process() {}

    /// `http://127.0.0.1:port`.
    public static synchronized String endpoint() throws IOException {
        if (endpoint == null) {
            endpoint = start();
        }
        return endpoint;
    }

    /// Makes the server take all objects below a location for so much older: in the files where it
    /// keeps their times, which it reads for each answer.
    static synchronized void age(String location, Duration by) throws IOException {
        String below = location.replace("s3://" + BUCKET + "/", "\"key\":\"");
        Path root = java.util.Objects.requireNonNull(folder, "the server was started");
        try (var files = Files.walk(root)) {
            for (Path path : files.filter(file -> file.endsWith("objectMetadata.json")).toList()) {
                String text = Files.readString(path);
                if (text.contains(below)) {
                    Files.writeString(
                            path,
                            MODIFIED.matcher(text)
                                    .replaceAll(found ->
                                            found.group(1)
                                                    + Instant.parse(found.group(2)).minus(by)
                                                    + '"'));
                }
            }
        }
    }

    private static String start() throws IOException {
        if (!Files.exists(JAR)) {
            throw new IllegalStateException(
                    JAR + " is not there; mvn -pl server generate-test-resources brings it");
        }
        Path root = Files.createTempDirectory("firn-s3-");
        folder = root;
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:TieredStopAtLevel=1",
                                "-jar",
                                JAR.toString(),
                                "--http.port=0",
                                "--server.port=0",
                                "--com.adobe.testing.s3mock.store.root=" + root,
                                "--com.adobe.testing.s3mock.store.valid-kms-keys="
                                        + "arn:aws:kms:us-east-1:123456789012:key/"
                                        + KMS_KEY,
                                "--com.adobe.testing.s3mock.store.initial-buckets=" + BUCKET)
                        .redirectErrorStream(true)
                        .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, root)));
        var lines = process.inputReader(StandardCharsets.UTF_8);
        var said = new StringBuilder();
        String port = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.append(line).append('\n');
            Matcher matcher = PORT.matcher(line);
            if (matcher.find()) {
                port = matcher.group(1);
            }
            if (line.contains("Started S3MockApplication")) {
                Thread.ofVirtual().start(() -> lines.lines().forEach(ignored -> {}));
                return "http://127.0.0.1:" + port;
            }
        }
        throw new IOException("S3Mock did not start:\n" + said);
    }

    private static void end(Process process, Path root) {
        process.destroyForcibly();
        try (var files = Files.walk(root)) {
            process.waitFor();
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            System.err.println("cannot clear " + root + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
