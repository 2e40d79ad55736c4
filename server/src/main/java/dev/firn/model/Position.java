package dev.firn.model;

import java.util.HexFormat;

/// Where a sink stands in a writer's log: the last cut it has taken. Positions of one writer form a
/// chain, because the digest covers all records before. Written `epoch:sequence:digest`, compared
/// for equality only.
///
/// @param epoch random, new at each start of the process that committed
/// @param sequence number of the cut; 0 stands before the first
/// @param digest running digest of the log up to the cut
public record Position(long epoch, long sequence, long digest) {
    public Position {
        if (sequence < 0) {
            throw new IllegalArgumentException(
                    "a position has a sequence of 0 or more, not " + sequence);
        }
    }

    /// Reads what [#toString] wrote.
    public static Position parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException(
                    "a position is epoch:sequence:digest, not \"" + text + "\"");
        }
        return new Position(
                HexFormat.fromHexDigitsToLong(parts[0]),
                Long.parseLong(parts[1]),
                HexFormat.fromHexDigitsToLong(parts[2]));
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(epoch)
                + ":"
                + sequence
                + ":"
                + HexFormat.of().toHexDigits(digest);
    }
}
