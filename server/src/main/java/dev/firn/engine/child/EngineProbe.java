package dev.firn.engine.child;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Asks a child for a sign of life, as the internal user: readers cannot take its connection.
///
/// @param intervalMillis pause between two questions
/// @param timeoutMillis how long an answer may take
/// @param failuresMax so many in a row mean that the child is lost
record EngineProbe(long intervalMillis, int timeoutMillis, int failuresMax) {
    static final EngineProbe USUAL = new EngineProbe(3_000, 2_000, 5);

    private static final String OK = "HTTP/1.1 200";

    /// Whether the child answered in time.
    boolean answers(EngineConfig config) {
        try (var socket = new Socket()) {
            var address = InetAddress.getByName(config.host());
            var at = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
            socket.connect(new InetSocketAddress(at, config.port()), timeoutMillis);
            socket.setSoTimeout(timeoutMillis);
            socket.getOutputStream()
                    .write(
                            ("GET /ping HTTP/1.1\r\nConnection: close\r\nX-ClickHouse-User: "
                                            + Users.INTERNAL
                                            + "\r\nX-ClickHouse-Key: "
                                            + config.secret()
                                            + "\r\n\r\n")
                                    .getBytes(StandardCharsets.UTF_8));
            byte[] start = socket.getInputStream().readNBytes(OK.length());
            return new String(start, StandardCharsets.UTF_8).equals(OK);
        } catch (IOException e) {
            return false;
        }
    }
}
