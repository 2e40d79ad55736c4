package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.config.LakeConfig;
import dev.firn.lake.FaultProxy.Fault;
import dev.firn.lake.FaultProxy.Seen;
import dev.firn.lake.store.LakeDoctor;
import dev.firn.lake.store.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The doctor finds nothing missing where nothing is, and names what is where something is.
@Timeout(120)
final class LakeDoctorTest {
    private static final List<String> STEPS =
            List.of(
                    "write",
                    "list",
                    "read",
                    "replace",
                    "delete",
                    "clock",
                    "catalog",
                    "create table",
                    "commit",
                    "drop table");

    @TempDir Path data;

    private Map<String, LakeDoctor.Finding> examine(LakeConfig config) throws Exception {
        var findings = new LinkedHashMap<String, LakeDoctor.Finding>();
        try (var store = new Store(config, data, new NioDisk(), Clock.system(), () -> {})) {
            store.prepare();
            boolean sound =
                    new LakeDoctor(
                                    config,
                                    store,
                                    Clock.system(),
                                    finding -> findings.put(finding.step(), finding))
                            .examine();
            assertThat(sound)
                    .isEqualTo(findings.values().stream().allMatch(LakeDoctor.Finding::ok));
        }
        return findings;
    }

    private static List<String> missing(Map<String, LakeDoctor.Finding> findings) {
        return findings.values().stream()
                .filter(one -> !one.ok())
                .map(LakeDoctor.Finding::step)
                .toList();
    }

    private static LakeDoctor.Finding of(Map<String, LakeDoctor.Finding> findings, String step) {
        return Objects.requireNonNull(findings.get(step), step);
    }

    @ParameterizedTest
    @EnumSource(S3Home.Kind.class)
    void nothingIsMissingAndNothingOfTheProbeStays(S3Home.Kind kind) throws Exception {
        try (var home = new S3Home(kind, data);
                LakeCatalog catalog = home.catalog()) {
            catalog.createTables(TestTables.both());
            Map<String, LakeDoctor.Finding> findings = examine(home.config());
            assertThat(missing(findings)).as(findings.toString()).isEmpty();
            assertThat(findings.keySet()).containsExactlyElementsOf(STEPS);
            assertThat(catalog.tables()).containsExactly(LakePaths.POINTS, LakePaths.SERIES);
            var left = new ArrayList<String>();
            try (var store =
                    new Store(home.config(), data, new NioDisk(), Clock.system(), () -> {})) {
                store.files().listPrefix(home.warehouse).forEach(file -> left.add(file.location()));
            }
            assertThat(left).isNotEmpty().noneMatch(location -> location.contains("probe"));
        }
    }

    @Test
    void onALocalDiskNothingIsMissing() throws Exception {
        Map<String, LakeDoctor.Finding> findings = examine(LakeConfig.DEFAULT);
        assertThat(missing(findings)).as(findings.toString()).isEmpty();
        try (var files = Files.walk(LakePaths.warehouse(data))) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    private void assertDenied(Predicate<Seen> denied, String step, String permission)
            throws Exception {
        try (var home = new S3Home(S3Home.Kind.REST, data)) {
            home.proxy.plan = request -> denied.test(request) ? Fault.FORBIDDEN : Fault.NONE;
            LakeDoctor.Finding finding = of(examine(home.config()), step);
            assertThat(finding.ok()).isFalse();
            assertThat(finding.detail())
                    .contains("denied (403")
                    .contains("allow " + permission + " on arn:aws:s3:::lake");
        }
    }

    @Test
    void theRightToWriteIsNamed() throws Exception {
        assertDenied(request -> request.method().equals("PUT"), "write", "s3:PutObject");
    }

    @Test
    void theRightToReadIsNamed() throws Exception {
        assertDenied(
                request -> request.method().equals("GET") && !request.query().contains("list-type"),
                "read",
                "s3:GetObject");
    }

    @Test
    void theRightToListIsNamed() throws Exception {
        assertDenied(request -> request.query().contains("list-type"), "list", "s3:ListBucket");
    }

    @Test
    void theRightToDeleteIsNamed() throws Exception {
        assertDenied(request -> request.method().equals("DELETE"), "delete", "s3:DeleteObject");
    }

    @Test
    void aBucketThatIsNotThereIsNamed() throws Exception {
        try (var home = new S3Home(S3Home.Kind.SQLITE, data)) {
            LakeConfig config =
                    S3Home.read(home.yaml("").replace(home.warehouse, "s3://nowhere/lake")).lake();
            assertThat(of(examine(config), "write").detail())
                    .contains("there is no such bucket")
                    .contains("correct lake.warehouse \"s3://nowhere/lake\"");
        }
    }

    @Test
    void anEndpointThatNobodyListensOnIsNamed() throws Exception {
        try (var home = new S3Home(S3Home.Kind.SQLITE, data)) {
            LakeConfig config =
                    S3Home.read(home.yaml("").replace(home.proxy.endpoint(), "http://127.0.0.1:1"))
                            .lake();
            assertThat(of(examine(config), "write").detail())
                    .contains("cannot reach it")
                    .contains("check lake.s3.endpoint");
        }
    }

    @Test
    void aWrongTokenOfTheCatalogIsNamedAndNotShown() throws Exception {
        try (var home = new S3Home(S3Home.Kind.REST, data)) {
            LakeConfig config =
                    S3Home.read(home.yaml("").replace(S3Home.TOKEN, "another-token")).lake();
            Map<String, LakeDoctor.Finding> findings = examine(config);
            assertThat(missing(findings)).containsExactly("catalog");
            assertThat(of(findings, "catalog").detail())
                    .contains("401")
                    .contains("check lake.catalog.token or lake.catalog.oauth2")
                    .doesNotContain("another-token");
        }
    }

    @Test
    void aTokenIsAskedForByCredential() throws Exception {
        try (var home = new S3Home(S3Home.Kind.REST, data)) {
            home.credential("firn:right");
            String yaml = home.yaml("");
            for (String secret : List.of("right", "wrong")) {
                LakeConfig config =
                        S3Home.read(
                                        yaml.replace(
                                                "token: " + S3Home.TOKEN,
                                                "oauth2: {server_uri: \""
                                                        + home.restUri()
                                                        + "/v1/oauth/tokens\", credential: \"firn:"
                                                        + secret
                                                        + "\"}"))
                                .lake();
                Map<String, LakeDoctor.Finding> findings = examine(config);
                if (secret.equals("right")) {
                    assertThat(missing(findings)).as(findings.toString()).isEmpty();
                } else {
                    assertThat(missing(findings)).containsExactly("catalog");
                    assertThat(of(findings, "catalog").detail()).doesNotContain("firn:wrong");
                }
            }
        }
    }
}
