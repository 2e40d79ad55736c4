package dev.firn.base;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;

/// Tells before a server starts whether its address can be bound: Helidon only logs that it could
/// not.
public final class Ports {
    private Ports() {}

    /// Binds and lets go.
    ///
    /// @throws IOException when something else listens there, or the address is not this machine's
    public static void probe(InetSocketAddress address) throws IOException {
        try (var channel = ServerSocketChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address);
        } catch (RuntimeException e) {
            throw new IOException("the address \"" + address + "\" is not known", e);
        }
    }
}
