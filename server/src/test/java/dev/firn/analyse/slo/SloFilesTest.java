package dev.firn.analyse.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SloFilesTest {
    @TempDir Path folder;

    @Test
    void whatFirnShipsIsTheFileInConfig() throws IOException {
        String shipped = Files.readString(Path.of("../config/slo/http.yaml"));
        assertThat(SloFiles.texts(List.of()).values()).containsExactly(shipped);
        assertThat(OpenSlo.read(SloFiles.texts(List.of()))).hasSize(4);
    }

    @Test
    void aStarNamesSeveral() throws IOException {
        Files.writeString(folder.resolve("b.yaml"), "b");
        Files.writeString(folder.resolve("a.yaml"), "a");
        Files.writeString(folder.resolve("c.txt"), "c");
        assertThat(SloFiles.texts(List.of(folder + "/*.yaml")).values()).containsExactly("a", "b");
        assertThatThrownBy(() -> SloFiles.texts(List.of(folder + "/*.yml")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("names no file");
        assertThatThrownBy(() -> SloFiles.texts(List.of(folder + "/no/*.yml")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such folder");
        assertThatThrownBy(() -> SloFiles.texts(List.of(folder + "/none.yaml")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such file");
    }
}
