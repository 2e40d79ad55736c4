package dev.firn.engine.child;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The open connections. Every one is taken for a reader's until its request proves to be the
/// internal user's. Beyond the readers' share a few more are open just long enough to say who they
/// are, and the eldest of these gives way to a new one: so readers can keep neither rows from being
/// stored nor the parent from asking whether the child lives.
final class Connections {
    private static final int RESERVED_MAX = 32;

    private final int readersMax;
    private final int surplusMax;
    private final Set<Socket> readers = new HashSet<>();
    private final LinkedHashSet<Socket> surplus = new LinkedHashSet<>();
    private final Set<Socket> internals = new HashSet<>();

    Connections(int max) {
        this.surplusMax = Math.max(1, Math.min(RESERVED_MAX, max / 2));
        this.readersMax = Math.max(1, max - surplusMax);
    }

    synchronized void add(Socket socket) {
        if (readers.size() < readersMax) {
            readers.add(socket);
            return;
        }
        if (surplus.size() >= surplusMax) {
            closeQuietly(surplus.removeFirst());
        }
        surplus.add(socket);
    }

    /// Whether this connection is beyond the readers' share.
    synchronized boolean isSurplus(Socket socket) {
        return surplus.contains(socket);
    }

    /// The connection's user has authenticated as the internal one.
    synchronized void internal(Socket socket) {
        if (readers.remove(socket) || surplus.remove(socket)) {
            internals.add(socket);
        }
    }

    synchronized void remove(Socket socket) {
        readers.remove(socket);
        surplus.remove(socket);
        internals.remove(socket);
    }

    synchronized void closeAll() {
        List<Socket> all = new ArrayList<>(readers);
        all.addAll(surplus);
        all.addAll(internals);
        all.forEach(Connections::closeQuietly);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // what cannot be closed is broken already
        }
    }
}
