package dev.firn.receive;

import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Temporality;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Checks the limits of identities on their raw bytes, before anything is made of them: an empty
/// attribute takes two bytes of a body and a hundred of memory. What is refused is still checked
/// for being well-formed, so that a body is malformed or not whatever the limits are. Not
/// thread-safe.
final class IdentityGate {
    static final Resource NO_RESOURCE = new Resource("{}", "", 0, "");
    static final Scope NO_SCOPE = new Scope("", "", "{}", "", 0);

    /// Enough for [Refusals], which shortens it further.
    private static final int NAME_BYTES_MAX = 1_000;

    private static final int RESOURCE_METRICS_DEPTH = 1;
    private static final int SCOPE_METRICS_DEPTH = 2;
    private static final int METRIC_DEPTH = 3;

    private final WireReader in = new WireReader();
    private final ReceiveLimits limits;

    IdentityGate(ReceiveLimits limits) {
        this.limits = limits;
    }

    void letGo() {
        in.letGo();
    }

    /// Null if the resource may be parsed.
    @Nullable Reason resource(IdentityRun run) {
        Reason broken = size(null, run);
        if (broken == null && within(run, 10, 10, 26) > limits.attributesPerResourceMax()) {
            broken = Reason.RESOURCE_ATTRIBUTES;
        }
        if (broken != null) {
            OtlpSchema.RESOURCE_METRICS.check(over(run), RESOURCE_METRICS_DEPTH);
        }
        return broken;
    }

    /// Null if the scope may be parsed.
    @Nullable Reason scope(SeriesCache.Node resource, IdentityRun run) {
        Reason broken = size(resource, run);
        if (broken == null && within(run, 10, 26, 26) > limits.attributesPerResourceMax()) {
            broken = Reason.RESOURCE_ATTRIBUTES;
        }
        if (broken != null) {
            OtlpSchema.SCOPE_METRICS.check(over(run), SCOPE_METRICS_DEPTH);
        }
        return broken;
    }

    /// Null if the metric's header may be parsed.
    @Nullable Reason metric(SeriesCache.Node scope, IdentityRun run) {
        Reason broken = size(scope, run);
        if (broken == null && count(run, 98, METRIC_DEPTH) > limits.attributesPerResourceMax()) {
            broken = Reason.RESOURCE_ATTRIBUTES;
        }
        if (broken != null) {
            OtlpSchema.METRIC.check(over(run), METRIC_DEPTH);
        }
        return broken;
    }

    /// Null if a point's attributes may be parsed; the caller checks them otherwise.
    @Nullable Reason point(SeriesCache.Node metric, IdentityRun run) {
        return count(run, -1, SeriesResolver.POINT_DEPTH) > limits.attributesPerPointMax()
                ? Reason.ATTRIBUTES_MAX
                : size(metric, run);
    }

    /// Stands for a metric that may not be parsed; its name is for the message.
    Metric refusedMetric(IdentityRun run, MetricType type) {
        over(run);
        String name = "";
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            int from = in.at;
            in.skip(tag, METRIC_DEPTH);
            if (tag == 10) {
                int end = in.at;
                in.at = from;
                int length = in.length();
                name =
                        new String(
                                in.bytes,
                                in.at,
                                Math.min(length, NAME_BYTES_MAX),
                                StandardCharsets.UTF_8);
                in.at = end;
            }
        }
        return new Metric(
                NO_RESOURCE, NO_SCOPE, name, "", type, Temporality.of(0), false, "", "{}");
    }

    private @Nullable Reason size(SeriesCache.@Nullable Node above, IdentityRun run) {
        if (above != null && above.refusal() != null) {
            return above.refusal();
        }
        long bytes = run.to() - run.from() + (above == null ? 0 : above.identityBytes());
        return bytes > limits.identityBytesMax() ? Reason.IDENTITY_BYTES : null;
    }

    /// Fields with tag `a` or `b` in messages with tag `outer` of the run.
    private int within(IdentityRun run, int outer, int a, int b) {
        over(run);
        int count = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag != outer) {
                in.skip(tag, RESOURCE_METRICS_DEPTH);
                continue;
            }
            int back = in.push();
            for (int inner = in.tag(); inner != 0; inner = in.tag()) {
                in.skip(inner, SCOPE_METRICS_DEPTH);
                count += inner == a || inner == b ? 1 : 0;
            }
            in.pop(back);
        }
        return count;
    }

    /// Fields of the run with tag `wanted`; -1: all.
    private int count(IdentityRun run, int wanted, int depth) {
        over(run);
        int count = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            in.skip(tag, depth);
            count += wanted < 0 || tag == wanted ? 1 : 0;
        }
        return count;
    }

    private WireReader over(IdentityRun run) {
        return in.over(run.bytes(), run.from(), run.to());
    }
}
