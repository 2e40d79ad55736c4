package dev.firn.lake.keep;

import java.nio.charset.StandardCharsets;

/// Locations of files as 64-bit hashes, 16 bytes each: millions of files in tens of megabytes. Two
/// locations with one hash are taken for one; who deletes what is *not* in here then leaves a file,
/// never takes one too many.
final class LocationSet {
    private long[] slots = new long[1 << 12]; // 0: free
    private int size;

    /// @param location as a table or a listing names it
    void add(String location) {
        if (size * 2 >= slots.length) {
            grow();
        }
        put(hash(location));
    }

    boolean contains(String location) {
        long hash = hash(location);
        return slots[slot(hash)] == hash;
    }

    int size() {
        return size;
    }

    private void put(long hash) {
        int slot = slot(hash);
        if (slots[slot] == 0) {
            slots[slot] = hash;
            size++;
        }
    }

    private int slot(long hash) {
        int mask = slots.length - 1;
        int slot = (int) (hash >>> 32) & mask;
        while (slots[slot] != 0 && slots[slot] != hash) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[old.length * 2];
        size = 0;
        for (long hash : old) {
            if (hash != 0) {
                put(hash);
            }
        }
    }

    /// FNV-1a, mixed so that all bits depend on all (MurmurHash3's finaliser).
    private static long hash(String location) {
        long hash = 0xcbf29ce484222325L;
        for (byte one : plain(location).getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ one & 0xff) * 0x100000001b3L;
        }
        hash ^= hash >>> 33;
        hash *= 0xff51afd7ed558ccdL;
        hash ^= hash >>> 33;
        return hash == 0 ? 1 : hash;
    }

    /// One name for what tools write differently: `file:///a` is `/a`, `s3a://b` is `s3://b`.
    static String plain(String location) {
        if (location.startsWith("file:")) {
            return dev.firn.lake.LakePaths.local(location).toString();
        }
        if (location.startsWith("s3a://") || location.startsWith("s3n://")) {
            return "s3" + location.substring(3);
        }
        return location;
    }
}
