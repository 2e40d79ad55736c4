package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.firn.base.Clock;
import dev.firn.receive.FlatOtlp;
import dev.firn.receive.RandomJson;
import dev.firn.receive.RandomOtlp;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Promise 4: nothing is lost of what OTLP said. Random requests that use every field of the
/// protocol go in by each protocol, and come back from lake and engine bit for bit. [FlatOtlp] has
/// the written exceptions of both, [EngineRows] those of the engine.
class RoundTripTest {
    private static final int REQUESTS = 60;
    private static final int RETENTION_DAYS = 36_500;

    /// Of the profiles' string tables.
    private static final Set<String> MEANINGLESS =
            Set.of(
                    "opentelemetry.proto.common.v1.AnyValue.string_value_strindex",
                    "opentelemetry.proto.common.v1.KeyValue.key_strindex");

    private static final long SEED = Long.getLong("firn.test.seed", 11);

    private final Random random = new Random(SEED);
    private final RandomOtlp messages = new RandomOtlp(random);

    @Test
    void everyFieldComesBackFromLakeAndEngine(@TempDir Path folder) throws Exception {
        try (var firn = TestFirn.start(folder, "engine: {retention: " + RETENTION_DAYS + "d}")) {
            var sent = ExportMetricsServiceRequest.newBuilder();
            for (int number = 0; number < REQUESTS; number++) {
                sent.mergeFrom(send(firn, number));
            }
            long now = Clock.system().nanos();
            firn.verify();
            assertThat(FlatOtlp.accepted(sent.build(), now)).hasSizeGreaterThan(REQUESTS);
            LakeRows lake = LakeRows.read(folder);
            same(lake.otlp(), FlatOtlp.accepted(sent.build(), now));
            everyFieldIsIn(lake.otlp());
            lake.pointsAreAsTheirSeries();
            var engine = new EngineRows(firn, RETENTION_DAYS);
            engine.seriesAreAsIn(lake);
            same(
                    engine.otlp(),
                    FlatOtlp.accepted(EngineRows.atPrecision(sent.build(), 1_000_000), now));
        }
    }

    private static void everyFieldIsIn(Message found) {
        var set = new HashSet<String>();
        collect(found, set);
        var all = new TreeSet<String>();
        reach(found.getDescriptorForType(), all);
        all.removeAll(set);
        assertThat(all).as("fields that no compared point has").isEqualTo(MEANINGLESS);
    }

    private static void collect(Message message, Set<String> set) {
        message.getAllFields()
                .forEach((field, value) -> {
                    set.add(field.getFullName());
                    List<?> each = value instanceof List<?> list ? list : List.of(value);
                    for (Object one : each) {
                        if (one instanceof Message nested) {
                            collect(nested, set);
                        }
                    }
                });
    }

    private static void reach(Descriptor type, Set<String> all) {
        for (FieldDescriptor field : type.getFields()) {
            if (all.add(field.getFullName()) && field.getType() == FieldDescriptor.Type.MESSAGE) {
                reach(field.getMessageType(), all);
            }
        }
    }

    /// Sends the next request by one of the protocols; what it said.
    private ExportMetricsServiceRequest send(TestFirn firn, int number)
            throws TextFormat.ParseException {
        ExportMetricsServiceRequest request = named(messages.request(), number);
        if (number % 3 == 2) {
            request = RandomJson.plainNan(request);
        }
        TestFirn.Answer answer =
                switch (number % 3) {
                    case 0 -> firn.postProtobuf(request);
                    case 1 -> firn.callGrpc(request);
                    default -> firn.postJson(new RandomJson(random).write(request));
                };
        int accepted = FlatOtlp.accepted(request, Clock.system().nanos()).size();
        assertThat(answer.rejected())
                .as(answer.message())
                .isEqualTo(FlatOtlp.sorted(request).size() - accepted);
        return request;
    }

    /// Gives each metric a name of its own: what is no part of a series' identity (description,
    /// schema URLs, counts of dropped attributes …) is kept once a series, the newest.
    static ExportMetricsServiceRequest named(ExportMetricsServiceRequest request, int number) {
        var builder = request.toBuilder();
        int serial = 0;
        for (var resource : builder.getResourceMetricsBuilderList()) {
            for (var scope : resource.getScopeMetricsBuilderList()) {
                for (var metric : scope.getMetricsBuilderList()) {
                    if (!metric.getName().isEmpty()) {
                        metric.setName(metric.getName() + " " + number + "." + serial++);
                    }
                }
            }
        }
        return builder.build();
    }

    static void same(ExportMetricsServiceRequest found, List<String> sent) {
        List<String> points = FlatOtlp.sorted(found);
        for (int i = 0; i < Math.min(points.size(), sent.size()); i++) {
            if (!points.get(i).equals(sent.get(i))) {
                List<String> before = sent.get(i).lines().toList();
                List<String> after = points.get(i).lines().toList();
                assertThat(after.stream().filter(line -> !before.contains(line)).toList())
                        .as("lines of point %s that differ: %s", i, sent.get(i))
                        .isEqualTo(before.stream().filter(line -> !after.contains(line)).toList());
            }
        }
        assertThat(points).hasSameSizeAs(sent);
    }
}
