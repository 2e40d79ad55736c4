package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OtlpSchemaTest {
    @Test
    void theTableIsTheProtocol() {
        var seen = new HashSet<OtlpSchema>();
        compare(OtlpSchema.REQUEST, ExportMetricsServiceRequest.getDescriptor(), seen);
        assertThat(seen).containsExactlyInAnyOrder(OtlpSchema.values());
    }

    private static void compare(OtlpSchema schema, Descriptor type, Set<OtlpSchema> seen) {
        if (!seen.add(schema)) {
            return;
        }
        var ours = new TreeSet<String>();
        schema.fields().forEach(field -> ours.add(line(field)));
        var theirs = new TreeSet<String>();
        for (FieldDescriptor field : type.getFields()) {
            OtlpSchema.Field found = schema.find(field.getNumber());
            theirs.add(line(field));
            boolean inOneof = field.getRealContainingOneof() != null;
            assertThat(found != null && schema.inOneof(found))
                    .as("oneof of %s", field.getFullName())
                    .isEqualTo(inOneof);
            if (found != null && field.getType() == FieldDescriptor.Type.MESSAGE) {
                compare(found.messageSchema(), field.getMessageType(), seen);
            }
        }
        assertThat(ours).as(type.getFullName()).isEqualTo(theirs);
    }

    private static String line(OtlpSchema.Field field) {
        String kind =
                switch (field.kind()) {
                    case HEX, BASE64 -> "BYTES";
                    default -> field.kind().name();
                };
        return field.number() + " " + field.name() + " " + kind + " " + field.repeated();
    }

    private static String line(FieldDescriptor field) {
        return field.getNumber()
                + " "
                + field.getJsonName()
                + " "
                + field.getType()
                + " "
                + field.isRepeated();
    }
}
