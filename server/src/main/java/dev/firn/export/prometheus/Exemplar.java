package dev.firn.export.prometheus;

import dev.firn.model.Attributes;
import dev.firn.model.Exemplars;
import dev.firn.model.Numbers;
import dev.firn.model.prometheus.AttributeText;
import dev.firn.model.prometheus.Escaping;
import dev.firn.model.prometheus.Label;
import dev.firn.model.prometheus.Names;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/// An exemplar; its labels are rendered when a page first needs them.
final class Exemplar {
    /// Limit of OpenMetrics 1.0 ("Exemplars") and of Prometheus' storage: characters of all names
    /// and values.
    static final int CHARACTERS_MAX = 128;

    final long time;
    final double value;
    private final byte[] traceId;
    private final byte[] spanId;
    private final String attributes;
    private byte @org.jspecify.annotations.Nullable [] text;
    private byte @org.jspecify.annotations.Nullable [] protobuf;

    Exemplar(Exemplars from, int index) {
        time = from.time[index];
        long bits = from.bits[index];
        value =
                from.form[index] == Numbers.INT
                        ? (double) bits
                        : from.form[index] == Numbers.DOUBLE
                                ? Double.longBitsToDouble(bits)
                                : Double.NaN;
        traceId = from.traceId(index);
        spanId = from.spanId(index);
        attributes = from.attributes(index);
    }

    /// Labels as both text formats have them.
    synchronized byte[] text() {
        if (text == null) {
            text = Label.text(labels());
        }
        return text;
    }

    /// Labels as protobuf has them.
    synchronized byte[] protobuf() {
        if (protobuf == null) {
            protobuf = Label.protobuf(labels());
        }
        return protobuf;
    }

    /// `trace_id`, `span_id` and, where all of them fit, the filtered attributes; always in names
    /// that every reader knows.
    private List<Label> labels() {
        var ids = new ArrayList<Label>();
        id("span_id", spanId, ids);
        id("trace_id", traceId, ids);
        var names = new Names("", false, false, Escaping.ALLOW_UTF_8);
        var others = new TreeMap<String, String>();
        for (Attributes.Entry entry : Attributes.fromJson(attributes).entries()) {
            String name = names.label(entry.key());
            // Prometheus' lexer ends at a NUL in an exemplar
            String value = AttributeText.of(entry.value()).replace('\u0000', '\ufffd');
            if (ids.stream().noneMatch(id -> id.name().equals(name)) && !value.isEmpty()) {
                others.merge(name, value, (a, b) -> a + ";" + b);
            }
        }
        var all = new ArrayList<>(ids);
        others.forEach((name, value) -> all.add(new Label(name, value)));
        all.sort(Comparator.comparing(Label::name));
        return characters(all) <= CHARACTERS_MAX
                ? all
                : characters(ids) <= CHARACTERS_MAX ? ids : List.of();
    }

    private static void id(String name, byte[] bytes, List<Label> labels) {
        for (byte one : bytes) {
            if (one != 0) { // all zeros: no id
                labels.add(new Label(name, HexFormat.of().formatHex(bytes)));
                return;
            }
        }
    }

    private static int characters(List<Label> labels) {
        int sum = 0;
        for (Label label : labels) {
            sum += label.name().codePointCount(0, label.name().length());
            sum += label.value().codePointCount(0, label.value().length());
        }
        return sum;
    }
}
