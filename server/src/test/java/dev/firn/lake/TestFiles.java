package dev.firn.lake;

import dev.firn.base.Disk;
import org.apache.iceberg.io.FileIO;

/// The lake's local files for tests of other rooms.
public final class TestFiles {
    private TestFiles() {}

    public static FileIO of(Disk disk) {
        return new LakeFiles(disk);
    }
}
