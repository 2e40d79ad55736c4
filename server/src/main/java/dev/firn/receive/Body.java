package dev.firn.receive;

/// A growing body in an array of [BodyBuffers]; of one thread at a time. Mutable, on the hot path.
final class Body implements AutoCloseable {
    private static final byte[] NONE = new byte[0];

    private final BodyBuffers buffers;
    private byte[] bytes = NONE;
    private int length;

    Body(BodyBuffers buffers) {
        this.buffers = buffers;
    }

    /// Valid up to [#length] until the next [#ensure] or [#close].
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /// Free bytes behind the content.
    int room() {
        return bytes.length - length;
    }

    /// `more` bytes were written behind the content.
    void advance(int more) {
        length += more;
    }

    /// Makes the array at least `capacity` bytes large.
    ///
    /// @throws Refusal EXHAUSTED when the bytes in flight would pass their limit
    void ensure(int capacity) {
        if (capacity <= bytes.length) {
            return;
        }
        byte[] larger = buffers.acquire(capacity);
        System.arraycopy(bytes, 0, larger, 0, length);
        drop();
        bytes = larger;
    }

    /// Room for at least one more byte, doubling, but for no more than `most` in all.
    void grow(int most) {
        if (room() == 0) {
            long doubled = Math.max(16_384, 2L * bytes.length);
            ensure((int) Math.min(doubled, most));
        }
    }

    private void drop() {
        if (bytes.length > 0) {
            buffers.release(bytes);
        }
    }

    /// Gives the array back. Idempotent.
    @Override
    public void close() {
        drop();
        bytes = NONE;
        length = 0;
    }
}
