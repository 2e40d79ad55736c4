package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;

/// How a processor's states are stored. States are immutable.
interface StreamCodec<V> {
    /// Version of what [#write] writes; another one is refused.
    int version();

    void write(V value, ByteWriter out);

    V read(ByteReader in);
}
