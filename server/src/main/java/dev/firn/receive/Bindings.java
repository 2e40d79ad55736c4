package dev.firn.receive;

import dev.firn.base.WorldException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The message for an address that cannot be listened on.
final class Bindings {
    private Bindings() {}

    static WorldException failed(
            String what, String key, InetSocketAddress address, @Nullable Throwable cause) {
        Throwable root = cause;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        String why =
                root == null
                        ? "the server did not start"
                        : root.getMessage() == null ? root.toString() : root.getMessage();
        return new WorldException(
                "cannot listen for "
                        + what
                        + " on \""
                        + address.getHostString()
                        + ":"
                        + address.getPort()
                        + "\": "
                        + why
                        + "; stop the program that holds the port, or set "
                        + key
                        + ".endpoint to another address",
                cause);
    }
}
