package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.Ports;
import dev.firn.base.Throttle;
import dev.firn.base.WorldException;
import dev.firn.base.security.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// TLS before the engine's port: takes connections, and hands on in plain text what comes to an
/// engine that listens on loopback only. So certificates are read again as everywhere else, and
/// connections go on by themselves when the engine comes back elsewhere.
public final class TlsFront implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsFront.class);
    private static final int BACKLOG = 128;
    private static final int HANDSHAKE_MILLIS = 10_000;
    private static final int CONNECT_MILLIS = 5_000;
    private static final int CONNECTIONS_MAX = 256;
    private static final long ACCEPT_PAUSE_NANOS = 50_000_000L;

    private final SSLServerSocket listener;
    private final Supplier<URI> engine;
    private final Semaphore places = new Semaphore(CONNECTIONS_MAX);
    private final Throttle complaints = new Throttle(Clock.system(), 60);
    private volatile boolean closing;

    private TlsFront(SSLServerSocket listener, Supplier<URI> engine) {
        this.listener = listener;
        this.engine = engine;
        Thread.ofPlatform().daemon().name("engine-tls").start(this::accept);
    }

    /// Binds and serves.
    ///
    /// @param engine where it listens now
    /// @throws WorldException when the port is in use
    public static TlsFront open(InetSocketAddress address, Tls tls, Supplier<URI> engine) {
        try {
            Ports.probe(address);
            var listener =
                    (SSLServerSocket) tls.context().getServerSocketFactory().createServerSocket();
            listener.setSSLParameters(tls.parameters());
            listener.bind(address, BACKLOG);
            return new TlsFront(listener, engine);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot listen on "
                            + address
                            + " for the engine: "
                            + e.getMessage()
                            + "; end what uses the port or set engine.endpoint to another address",
                    e);
        }
    }

    /// The port that is served.
    public int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!closing) {
            try {
                var client = (SSLSocket) listener.accept();
                if (places.tryAcquire()) {
                    Thread.ofVirtual().name("engine-tls").start(() -> serve(client));
                } else {
                    complain("too many connections");
                    client.close();
                }
            } catch (IOException e) {
                if (!closing) {
                    complain(e.toString());
                    LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
                }
            }
        }
    }

    private void complain(String why) {
        if (complaints.permit() >= 0) {
            LOG.warn("cannot take a connection to the engine: {}", why);
        }
    }

    private void serve(SSLSocket client) {
        try (client;
                var plain = new Socket()) {
            client.setTcpNoDelay(true);
            client.setSoTimeout(HANDSHAKE_MILLIS);
            client.startHandshake();
            client.setSoTimeout(0); // whoever is idle for long the engine ends
            plain.setTcpNoDelay(true);
            bindAs(plain, client.getInetAddress());
            URI to = engine.get();
            plain.connect(new InetSocketAddress(to.getHost(), to.getPort()), CONNECT_MILLIS);
            Thread back =
                    Thread.ofVirtual().name("engine-tls-back").start(() -> carry(plain, client));
            carry(client, plain);
            back.join();
        } catch (IOException e) {
            LOG.debug("a connection to the engine ended: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            places.release();
        }
    }

    /// Until one side ends; then the other does, so that a query of who has left is stopped.
    private static void carry(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            in.transferTo(to.getOutputStream());
        } catch (IOException e) {
            LOG.debug("a connection to the engine ended: {}", e.getMessage());
        }
    }

    /// The engine slows down wrong passwords by address: each client's has one of its own on
    /// loopback, where the system has more than one there.
    private static void bindAs(Socket plain, InetAddress client) {
        int hash = client.hashCode();
        byte[] address = {127, (byte) (hash >> 16), (byte) (hash >> 8), (byte) (hash | 1)};
        try {
            plain.bind(new InetSocketAddress(InetAddress.getByAddress(address), 0));
        } catch (IOException e) {
            LOG.debug("one address of loopback stands for all clients: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            listener.close();
        } catch (IOException e) {
            LOG.debug("cannot close: {}", e.getMessage());
        }
    }
}
