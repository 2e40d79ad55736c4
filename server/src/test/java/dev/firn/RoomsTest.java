package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Who may use whom stands in ARCHITECTURE.md; here it is read there and held against the compiled
/// classes.
class RoomsTest {
    private static final Path CLASSES = Path.of("target/classes");
    private static final Path ARCHITECTURE = Path.of("../ARCHITECTURE.md");
    private static final Pattern ROOM = Pattern.compile("dev/firn/([a-z]+)/");

    @Test
    void roomsUseOnlyWhatArchitectureAllows() throws IOException {
        Map<String, Set<String>> allowed = allowed();
        var wrong = new TreeSet<String>();
        try (Stream<Path> files = Files.walk(CLASSES.resolve("dev/firn"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = CLASSES.relativize(file).toString();
                Matcher room = ROOM.matcher(name);
                String from = room.lookingAt() ? room.group(1) : "Firn";
                for (String to : used(file)) {
                    if (!to.equals(from) && !may(allowed, from, to)) {
                        wrong.add(name + " uses " + to);
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyRoomIsListed() throws IOException {
        try (Stream<Path> rooms = Files.list(CLASSES.resolve("dev/firn"))) {
            Set<String> there =
                    rooms.filter(Files::isDirectory)
                            .map(path -> path.getFileName().toString())
                            .collect(Collectors.toSet());
            assertThat(allowed().keySet()).containsAll(there);
        }
    }

    private static boolean may(Map<String, Set<String>> allowed, String from, String to) {
        Set<String> rooms = allowed.getOrDefault(from, Set.of());
        return rooms.contains("everything")
                || rooms.contains(to)
                || (rooms.contains("*") && !to.equals("Firn"));
    }

    private static Set<String> used(Path file) throws IOException {
        var rooms = new TreeSet<String>();
        for (var entry : ClassFile.of().parse(file).constantPool()) {
            String text =
                    switch (entry) {
                        case ClassEntry type -> type.asInternalName() + ";";
                        case Utf8Entry utf8 when utf8.stringValue().contains("Ldev/firn/") ->
                                utf8.stringValue();
                        default -> "";
                    };
            Matcher room = ROOM.matcher(text);
            while (room.find()) {
                rooms.add(room.group(1));
            }
            if (text.contains("dev/firn/Firn;") || text.contains("dev/firn/Firn$")) {
                rooms.add("Firn");
            }
        }
        return rooms;
    }

    /// Rows of the table `| room | may use |`.
    private static Map<String, Set<String>> allowed() throws IOException {
        var allowed = new LinkedHashMap<String, Set<String>>();
        boolean inTable = false;
        for (String line : Files.readAllLines(ARCHITECTURE)) {
            if (line.startsWith("| room | may use |")) {
                inTable = true;
            } else if (inTable && !line.startsWith("|")) {
                break;
            } else if (inTable && !line.startsWith("|--")) {
                String[] cells = line.split("\\|");
                for (String room : cells[1].strip().split(", *")) {
                    allowed.put(room.replace("`", ""), rooms(cells[2].strip()));
                }
            }
        }
        return allowed;
    }

    private static Set<String> rooms(String cell) {
        return switch (cell) {
            case "nothing of ours" -> Set.of();
            case "everything" -> Set.of("everything");
            case "everything but the root" -> Set.of("*");
            default -> Arrays.stream(cell.split(", *")).collect(Collectors.toSet());
        };
    }
}
