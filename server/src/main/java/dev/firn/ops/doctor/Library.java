package dev.firn.ops.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Looks whether the engine library is one for this machine, by its first bytes: ELF's `e_machine`,
/// Mach-O's `cputype`.
public final class Library {
    private static final int ELF = 0x464c457f;
    private static final int ELF_MACHINE_AT = 18;
    private static final int ELF_X64 = 62;
    private static final int ELF_ARM64 = 183;
    private static final int MACH = 0xfeedfacf;
    private static final int MACH_X64 = 0x01000007;
    private static final int MACH_ARM64 = 0x0100000c;
    private static final int HEAD = 64;

    private Library() {}

    /// Looks at the file.
    public static Finding look(Path path) {
        return look(path, System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    static Finding look(Path path, String system, String processor) {
        String wanted =
                (system.toLowerCase(Locale.ROOT).startsWith("mac") ? "macOS" : "Linux")
                        + " "
                        + (processor.equals("aarch64") ? "arm64" : "x64");
        String found;
        try (InputStream in = Files.newInputStream(path)) {
            found = kind(ByteBuffer.wrap(in.readNBytes(HEAD)).order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException e) {
            return Finding.missing(
                    "engine library",
                    "cannot read \"" + path + "\": " + e.getMessage(),
                    "start Firn with ./firn, which fetches it");
        }
        return found.equals(wanted)
                ? Finding.ok("engine library", "\"" + path + "\" for " + found)
                : Finding.missing(
                        "engine library",
                        "\"" + path + "\" is " + found + ", this machine needs one for " + wanted,
                        "delete the folder .firn/engine and start ./firn, which fetches the right"
                                + " one; or set engine.library");
    }

    private static String kind(ByteBuffer head) {
        if (head.remaining() < HEAD) {
            return "no library";
        }
        return switch (head.getInt(0)) {
            case ELF ->
                    switch (head.getShort(ELF_MACHINE_AT)) {
                        case ELF_X64 -> "Linux x64";
                        case ELF_ARM64 -> "Linux arm64";
                        default -> "for another processor";
                    };
            case MACH ->
                    switch (head.getInt(Integer.BYTES)) {
                        case MACH_X64 -> "macOS x64";
                        case MACH_ARM64 -> "macOS arm64";
                        default -> "for another processor";
                    };
            default -> "no library";
        };
    }
}
