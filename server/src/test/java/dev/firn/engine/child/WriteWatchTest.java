package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A peer that reads nothing.
final class WriteWatchTest {
    @Test
    @Timeout(30)
    void whoTakesNothingIsCut() throws IOException {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var _ = new Socket(listener.getInetAddress(), listener.getLocalPort());
                var sending = listener.accept();
                var watch = new WriteWatch(300)) {
            var out = watch.output(sending);
            byte[] bytes = new byte[1 << 20];
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 1_000; i++) {
                                    out.write(bytes, 0, bytes.length);
                                }
                            })
                    .isInstanceOf(IOException.class);
        }
    }
}
