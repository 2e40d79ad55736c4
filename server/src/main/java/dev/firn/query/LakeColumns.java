package dev.firn.query;

import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// A lake table's columns as ClickHouse declares them. What a file lacks (it is older than the
/// column) reads as null or empty; a null list or map reads as empty, since ClickHouse has no
/// other.
final class LakeColumns {
    private LakeColumns() {}

    /// `name type, …` for CREATE TABLE.
    static String declaration(Schema schema) {
        return schema.columns().stream()
                .map(field -> "`" + field.name() + "` " + type(field))
                .collect(Collectors.joining(", "));
    }

    /// The names, for a SELECT.
    static String names(Schema schema) {
        return schema.columns().stream()
                .map(field -> "`" + field.name() + "`")
                .collect(Collectors.joining(", "));
    }

    private static String type(Types.NestedField field) {
        String bare = type(field.type());
        return field.isOptional() && field.type().isPrimitiveType()
                ? "Nullable(" + bare + ")"
                : bare;
    }

    private static String type(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> "Bool";
            case INTEGER -> "Int32";
            case LONG -> "Int64";
            case FLOAT -> "Float32";
            case DOUBLE -> "Float64";
            case DATE -> "Date32";
            case TIMESTAMP -> "DateTime64(6, 'UTC')";
            case STRING, BINARY -> "String";
            case UUID -> "UUID";
            case FIXED -> "FixedString(" + ((Types.FixedType) type).length() + ")";
            case LIST -> "Array(" + type(type.asListType().fields().getFirst()) + ")";
            case MAP ->
                    "Map("
                            + type(type.asMapType().keyType())
                            + ", "
                            + type(type.asMapType().fields().getLast())
                            + ")";
            case STRUCT ->
                    type.asStructType().fields().stream()
                            .map(field -> "`" + field.name() + "` " + type(field))
                            .collect(Collectors.joining(", ", "Tuple(", ")"));
            default ->
                    throw new IllegalArgumentException(
                            "cannot show lake type " + type + " in the engine");
        };
    }
}
