package dev.firn.model.prometheus;

import dev.firn.base.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A label as the page shows it.
public record Label(String name, String value) {
    /// `a="1",b="2"`: what stands between the braces of a sample in both text formats. Equal bytes
    /// are equal labels, so this is also a series' key within its family.
    public static byte[] text(List<Label> labels) {
        var out = new StringBuilder(32 * labels.size());
        for (Label label : labels) {
            if (!out.isEmpty()) {
                out.append(',');
            }
            if (Escaping.legacyLabel(label.name)) {
                out.append(label.name);
            } else {
                quoted(label.name, out);
            }
            quoted(label.value, out.append('='));
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Text in quotes, with the escapes that the formats know.
    public static void quoted(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '"' -> out.append("\\\"");
                default -> out.append(c);
            }
        }
        out.append('"');
    }

    /// `io.prometheus.client.LabelPair` fields number 1, as Metric and Exemplar have them.
    public static byte[] protobuf(List<Label> labels) {
        var out = new ByteWriter(48 * labels.size());
        var pair = new ByteWriter(64);
        for (Label label : labels) {
            pair.reset();
            pair.u8(1 << 3 | 2).string(label.name);
            pair.u8(2 << 3 | 2).string(label.value);
            out.u8(1 << 3 | 2).varint(pair.size()).bytes(pair.array(), 0, pair.size());
        }
        return out.toBytes();
    }
}
