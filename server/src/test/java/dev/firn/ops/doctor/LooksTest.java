package dev.firn.ops.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.NioDisk;
import dev.firn.config.Config;
import dev.firn.ops.doctor.Finding.Verdict;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each look finds what is wrong, and nothing where all is well.
class LooksTest {
    private static final long GIB = 1L << 30;

    @TempDir Path folder;

    @Test
    void thisMachineRunsFirn() {
        assertThat(Machine.java().verdict()).isEqualTo(Verdict.OK);
        assertThat(Machine.memory(0, true).verdict()).isEqualTo(Verdict.OK);
        assertThat(Machine.openFiles().subject()).isEqualTo("open files");
    }

    @Test
    void memoryThatTheMachineLacksIsWarnedOfAndTooLittleIsMissing() {
        assertThat(Machine.memory(8 * GIB, true, 16 * GIB, GIB).verdict()).isEqualTo(Verdict.OK);
        Finding large = Machine.memory(32 * GIB, true, 16 * GIB, GIB);
        assertThat(large.verdict()).isEqualTo(Verdict.WARNING);
        assertThat(large.advice()).contains("lower memory.max");
        Finding small = Machine.memory(GIB, true, 16 * GIB, GIB);
        assertThat(small.verdict()).isEqualTo(Verdict.MISSING);
        assertThat(small.detail()).contains("raise memory.max");
    }

    @Test
    void fewOpenFilesAreWarnedOf() {
        assertThat(Machine.openFiles(1_024).advice()).contains("ulimit -n 65536");
        assertThat(Machine.openFiles(1_024).verdict()).isEqualTo(Verdict.WARNING);
        assertThat(Machine.openFiles(65_536).verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void aFileFromTheFutureTellsOfAClockThatWentBack() throws Exception {
        assertThat(Machine.clock(Clock.system(), folder.resolve("none")).verdict())
                .isEqualTo(Verdict.OK);
        Path file = Files.writeString(folder.resolve("segment"), "");
        assertThat(Machine.clock(Clock.system(), folder).verdict()).isEqualTo(Verdict.OK);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(3_600)));
        assertThat(Machine.clock(Clock.system(), folder).verdict()).isEqualTo(Verdict.WARNING);
    }

    @Test
    void aSlowDiskIsWarnedOfAndNothingIsLeftOnIt() throws Exception {
        assertThat(Machine.syncs(new NioDisk(), folder, ticking(9_000_000)).verdict())
                .isEqualTo(Verdict.OK);
        Finding slow = Machine.syncs(new NioDisk(), folder, ticking(11_000_000));
        assertThat(slow.verdict()).isEqualTo(Verdict.WARNING);
        assertThat(slow.detail()).contains("11.0 ms each");
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
        Finding nowhere = Machine.syncs(new NioDisk(), folder.resolve("none"), Clock.system());
        assertThat(nowhere.verdict()).isEqualTo(Verdict.MISSING);
        assertThat(nowhere.advice()).contains("--data");
    }

    /// A clock that goes on by this at each second look, as if a write took it.
    private static Clock ticking(long nanos) {
        return new Clock() {
            private long ticks;
            private boolean second;

            @Override
            public long nanos() {
                return 0;
            }

            @Override
            public long ticks() {
                ticks += second ? nanos : 0;
                second = !second;
                return ticks;
            }
        };
    }

    @Test
    void littleRoomIsWarnedOfAndTooLittleIsMissing() {
        assertThat(space(50 * GIB).verdict()).isEqualTo(Verdict.OK);
        assertThat(space(9 * GIB).verdict()).isEqualTo(Verdict.WARNING);
        Finding full = space(GIB / 8);
        assertThat(full.verdict()).isEqualTo(Verdict.MISSING);
        assertThat(full.advice()).contains("wal.disk_free_min");
    }

    private Finding space(long free) {
        var disk =
                (Disk)
                        Proxy.newProxyInstance(
                                Disk.class.getClassLoader(),
                                new Class<?>[] {Disk.class},
                                (proxy, method, arguments) -> free);
        return Machine.space(disk, folder, 100 * GIB, GIB / 4);
    }

    @Test
    void aPortInUseIsMissingUnlessFirnItselfHoldsIt() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = Map.of("web", new Config.Address("127.0.0.1", taken.getLocalPort()));
            Finding missing = Ports.look(address, false).getFirst();
            assertThat(missing.verdict()).isEqualTo(Verdict.MISSING);
            assertThat(missing.detail()).contains(":" + taken.getLocalPort());
            assertThat(Ports.look(address, true).getFirst().verdict()).isEqualTo(Verdict.OK);
        }
        var free = Map.of("web", new Config.Address("127.0.0.1", 0));
        assertThat(Ports.look(free, false).getFirst().verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void aLibraryOfAnotherMachineIsMissing() throws Exception {
        Path library = folder.resolve("libchdb.so");
        Files.write(library, head(0x464c457f, 62));
        assertThat(Library.look(library, "Linux", "amd64").verdict()).isEqualTo(Verdict.OK);
        Finding other = Library.look(library, "Linux", "aarch64");
        assertThat(other.verdict()).isEqualTo(Verdict.MISSING);
        assertThat(other.detail()).contains("is Linux x64", "needs one for Linux arm64");
        assertThat(Library.look(library, "Mac OS X", "x86_64").verdict())
                .isEqualTo(Verdict.MISSING);
        Files.writeString(library, "<html>");
        assertThat(Library.look(library, "Linux", "amd64").detail()).contains("no library");
        assertThat(Library.look(folder.resolve("none"), "Linux", "amd64").verdict())
                .isEqualTo(Verdict.MISSING);
    }

    private static byte[] head(int magic, int machine) {
        return ByteBuffer.allocate(64)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, magic)
                .putShort(18, (short) machine)
                .array();
    }

    @Test
    void secretsAreMaskedWhereverTheyStand() {
        String shown =
                Masked.yaml(
                        """
                        lake:
                          warehouse: s3://lake/firn
                          catalog: {type: jdbc, uri: "jdbc:postgresql://bob:hunter2@db/lake", password: hunter2}
                          s3: {access_key: AKIAHUNTER2, secret_key: "${env:KEY}", session_token: "${env:T:-hunter2}"}
                        exporters:
                          otlphttp: {endpoint: "https://a", headers: {x-tenant: hunter2, other: [hunter2, 2]}}
                        extensions:
                          basicauth: {htpasswd: {inline: "bob:hunter2", file: /etc/htpasswd}}
                          bearertokenauth: {token: hunter2, filename: /run/token}
                        alerting: {webhooks: [{url: "https://chat/hunter2"}], alertmanagers: [{url: "https://am/hunter2"}]}
                        reports: [{kind: slo, webhook: {url: "https://chat/hunter2"}}]
                        engine: {url: "http://db:8123/?user=bob&password=hunter2&compress=1"}
                        # password: hunter2
                        tls: {key_pem: hunter2, key_file: /etc/key.pem}
                        """);
        assertThat(shown)
                .doesNotContainIgnoringCase("hunter2")
                .contains(
                        "s3://lake/firn",
                        "${env:KEY}",
                        "@db/lake",
                        "/etc/htpasswd",
                        "/run/token",
                        "/etc/key.pem",
                        "user=bob",
                        "compress=1");
    }
}
