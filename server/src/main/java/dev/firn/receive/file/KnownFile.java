package dev.firn.receive.file;

/// What is remembered of a file, to know it again whatever it is called.
///
/// @param source name of its content in the log, drawn at random; a file that was emptied and
///   written anew has another
/// @param path where it was seen last
/// @param inode device and number, as the file system says
/// @param head its first bytes, none beyond `offset`
/// @param offset up to where it was taken
/// @param tail the bytes before `offset`: they hold times, so that they differ where heads do not
record KnownFile(int source, String path, String inode, byte[] head, long offset, byte[] tail) {
    /// Bytes before the offset by which a content is known.
    static final int TAIL_BYTES = 256;
}
