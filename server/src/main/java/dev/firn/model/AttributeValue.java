package dev.firn.model;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// A typed attribute value: OTLP's AnyValue. `1` is not `"1"`, and `1` is not `1.0`.
public sealed interface AttributeValue {
    /// The value where there is room for text only, as in the maps of the tables: text as it is,
    /// anything else as canonical JSON. Types are lost; the JSON columns keep them.
    default String asText() {
        return this instanceof Text(String text) ? text : CanonicalJson.write(this);
    }

    /// A value that was sent without contents.
    record Empty() implements AttributeValue {}

    /// Text.
    record Text(String value) implements AttributeValue {
        public Text {
            Objects.requireNonNull(value, "value");
        }
    }

    /// true or false.
    record Bool(boolean value) implements AttributeValue {}

    /// A 64-bit signed integer.
    record Int(long value) implements AttributeValue {}

    /// A double, compared by raw bits.
    record Real(double value) implements AttributeValue {
        @Override
        public boolean equals(Object other) {
            return other instanceof Real(double that)
                    && Double.doubleToRawLongBits(that) == Double.doubleToRawLongBits(value);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(Double.doubleToRawLongBits(value));
        }
    }

    /// Raw bytes.
    record Binary(byte[] value) implements AttributeValue {
        @Override
        public boolean equals(Object other) {
            return other instanceof Binary(byte[] that) && Arrays.equals(that, value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }
    }

    /// An ordered list.
    record Array(List<AttributeValue> values) implements AttributeValue {
        public Array {
            values = List.copyOf(values);
        }
    }

    /// A nested map.
    record Nested(Attributes attributes) implements AttributeValue {
        public Nested {
            Objects.requireNonNull(attributes, "attributes");
        }
    }
}
