package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.firn.ops.load.Ledger;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LoadCommandTest {
    @TempDir Path folder;

    private final StringWriter err = new StringWriter();
    private volatile int status = 200;
    private HttpServer server;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/v1/metrics",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private int run(String... arguments) {
        var line = new CommandLine(new LoadCommand());
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private String target() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Test
    void historyIsSentAndTheLedgerWritten() {
        Path ledger = folder.resolve("ledger.jsonl");
        int exit =
                run("-t", target(), "--history", "2h", "-r", "20", "--ledger", ledger.toString());
        assertThat(exit).as(err.toString()).isZero();
        assertThat(err.toString()).contains("points/s").contains("0 retries");
        Ledger read = Ledger.read(ledger);
        assertThat(read.total(key -> true).happened()).isPositive();
        assertThat(read.totalPoints(key -> true).acknowledged()).isPositive();
    }

    @Test
    void aTimeTooShortForAnExportIsTold() {
        assertThat(run("-t", target(), "-d", "1ms")).isZero();
        assertThat(err.toString()).contains("firn: nothing was sent").contains("--step");
    }

    @Test
    void refusedRequestsEndInOne() {
        status = 400;
        assertThat(run("-t", target(), "--history", "1h")).isEqualTo(1);
        assertThat(err.toString()).contains("first trouble: refused with status 400");
    }

    @Test
    void wrongUseEndsInTwo() {
        assertThat(run("-t", "nowhere")).isEqualTo(2);
        assertThat(err.toString()).contains("firn: cannot send to \"nowhere\"");
        assertThat(run("--history", "soon")).isEqualTo(2);
        assertThat(run("--rate", "-5")).isEqualTo(2);
        assertThat(run("--compression", "lzma", "-d", "1")).isEqualTo(2);
        assertThat(run("--no-such-option")).isEqualTo(2);
    }
}
