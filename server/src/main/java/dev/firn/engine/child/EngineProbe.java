package dev.firn.engine.child;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Asks a child for a sign of life, as the internal user: readers cannot take its connection.
///
/// @param intervalMillis pause between two questions
/// @param timeoutMillis how long an answer may take
/// @param failuresMax so many in a row mean that the child is lost
record EngineProbe(long intervalMillis, int timeoutMillis, int failuresMax) {
    static final EngineProbe USUAL = new EngineProbe(3_000, 2_000, 5);

    private static final int ANSWER_BYTES_MAX = 64 << 10;
    private static final String OK = "HTTP/1.1 200";

    /// What the child counted; null when it did not answer in time.
    @Nullable EngineFigures figures(EngineConfig config) {
        try (var socket = new Socket()) {
            var address = InetAddress.getByName(config.host());
            var at = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
            socket.connect(new InetSocketAddress(at, config.port()), timeoutMillis);
            socket.setSoTimeout(timeoutMillis);
            socket.getOutputStream()
                    .write(
                            ("GET "
                                            + EngineServer.FIGURES
                                            + " HTTP/1.1\r\nConnection: close\r\nX-ClickHouse-User: "
                                            + Users.INTERNAL
                                            + "\r\nX-ClickHouse-Key: "
                                            + config.secret()
                                            + "\r\n\r\n")
                                    .getBytes(StandardCharsets.UTF_8));
            byte[] bytes = socket.getInputStream().readNBytes(ANSWER_BYTES_MAX);
            String answer = new String(bytes, StandardCharsets.UTF_8);
            int body = answer.indexOf("\r\n\r\n");
            return answer.startsWith(OK) && body > 0
                    ? EngineFigures.fromLine(answer.substring(body).strip())
                    : null;
        } catch (IOException e) {
            return null;
        }
    }
}
