package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/// Readers' share, and who comes beyond it.
final class ConnectionsTest {
    @Test
    void beyondTheReadersShareTheEldestStrangerGivesWay() throws IOException {
        var connections = new Connections(4); // two readers, two beyond
        var sockets = new Socket[6];
        for (int i = 0; i < 5; i++) {
            sockets[i] = new Socket();
            connections.add(sockets[i]);
        }
        assertThat(connections.isSurplus(sockets[1])).isFalse();
        assertThat(sockets[2].isClosed()).isTrue();
        assertThat(connections.isSurplus(sockets[3])).isTrue();
        connections.internal(sockets[3]);
        sockets[5] = new Socket();
        connections.add(sockets[5]);
        assertThat(connections.isSurplus(sockets[3])).isFalse();
        assertThat(sockets[3].isClosed()).isFalse();
        assertThat(sockets[4].isClosed()).isFalse();
        connections.remove(sockets[0]);
        var reader = new Socket();
        connections.add(reader);
        assertThat(connections.isSurplus(reader)).isFalse();
        connections.closeAll();
        assertThat(sockets[3].isClosed()).isTrue();
    }
}
