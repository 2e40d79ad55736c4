package dev.firn.receive.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// A file that is read, by one thread. Its channel stays with the content when the file is renamed
/// or deleted.
final class OpenFile implements AutoCloseable {
    private static final int SEARCH_BYTES = 64 << 10;

    private final int source;
    private final String inode;
    private final FileChannel channel;
    private Path path;
    private byte[] head;
    private long markedOffset;
    private byte[] tail;
    private long offset;

    /// Up to where a line that is too long was looked through; 0: there is none.
    long skippedTo;

    /// Its size when no whole line was left; -1: never yet.
    long endSeen = -1;

    /// When it was last seen under a name that is read, or a line was taken; in ticks.
    long lastTicks;

    private OpenFile(
            int source,
            Path path,
            String inode,
            FileChannel channel,
            byte[] head,
            long offset,
            byte[] tail) {
        this.source = source;
        this.path = path;
        this.inode = inode;
        this.channel = channel;
        this.head = head;
        this.markedOffset = offset;
        this.offset = offset;
        this.tail = tail;
    }

    static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    /// A file that is met, to be read from `offset` on.
    static OpenFile at(
            int source,
            Path path,
            String inode,
            FileChannel channel,
            long offset,
            int fingerprintBytes)
            throws IOException {
        int tailBytes = (int) Math.min(offset, KnownFile.TAIL_BYTES);
        return new OpenFile(
                source,
                path,
                inode,
                channel,
                bytes(channel, 0, (int) Math.min(offset, fingerprintBytes)),
                offset,
                bytes(channel, offset - tailBytes, tailBytes));
    }

    int source() {
        return source;
    }

    String inode() {
        return inode;
    }

    FileChannel channel() {
        return channel;
    }

    Path path() {
        return path;
    }

    void seenAt(Path where) {
        path = where;
    }

    /// Up to where lines were taken.
    long offset() {
        return offset;
    }

    void advance(long to) {
        offset = to;
        skippedTo = 0;
    }

    /// From now on the file is known by `before`, what stands before the offset, too.
    ///
    /// @param before ends at the offset
    /// @param length its valid bytes
    void mark(byte[] before, int length, int fingerprintBytes) throws IOException {
        markedOffset = offset;
        tail = Arrays.copyOfRange(before, Math.max(0, length - KnownFile.TAIL_BYTES), length);
        if (head.length < fingerprintBytes && offset > head.length) {
            byte[] longer = bytes(channel, 0, (int) Math.min(offset, fingerprintBytes));
            if (isUnchanged()) {
                head = longer;
            }
        }
    }

    /// Whether what was taken still stands there: false once the file was emptied or written anew,
    /// even if it has grown beyond the offset again.
    boolean isUnchanged() throws IOException {
        return channel.size() >= offset
                && Arrays.equals(bytes(channel, markedOffset - tail.length, tail.length), tail);
    }

    KnownFile known() {
        return new KnownFile(source, path.toString(), inode, head, markedOffset, tail);
    }

    /// Whether a content begins with what `known` says was taken.
    static boolean holds(FileChannel channel, KnownFile known) throws IOException {
        int tailBytes = known.tail().length;
        return channel.size() >= known.offset()
                && Arrays.equals(bytes(channel, 0, known.head().length), known.head())
                && Arrays.equals(
                        bytes(channel, known.offset() - tailBytes, tailBytes), known.tail());
    }

    /// The begin of the last line that starts at or before `at`, whole or not: `at` itself behind a
    /// newline.
    static long lineBegin(FileChannel channel, long at) throws IOException {
        long end = at;
        while (end > 0) {
            int length = (int) Math.min(end, SEARCH_BYTES);
            byte[] bytes = bytes(channel, end - length, length);
            for (int i = bytes.length - 1; i >= 0; i--) {
                if (bytes[i] == '\n') {
                    return end - length + i + 1;
                }
            }
            end -= length;
        }
        return 0;
    }

    /// The bytes that are there, at most `length`.
    static byte[] bytes(FileChannel channel, long position, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {}
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
