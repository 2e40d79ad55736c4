package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import java.nio.file.Files;
import java.nio.file.Path;

/// The lake of a data directory, for a command.
final class LakeAt {
    private LakeAt() {}

    /// The lake of a directory that has one; to look at a directory must not make one.
    static LakeCatalog existing(Path data) {
        if (!Files.exists(LakePaths.catalog(data))) {
            throw new InputException(
                    "cannot open the lake of \""
                            + data
                            + "\": it has none; name a data directory that firn serve wrote");
        }
        return LakeCatalog.sqlite(data, new NioDisk());
    }
}
