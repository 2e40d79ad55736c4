package dev.firn.alert.rules;

import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.Samples;
import java.util.HashSet;
import java.util.Set;

/// Series of two sources, one behind the other; where both have one, the first one's counts.
public record JoinedSource(SeriesSource first, SeriesSource second) implements SeriesSource {
    @Override
    public void uses(Set<String> labels) {
        first.uses(labels);
        second.uses(labels);
    }

    @Override
    public Cursor select(Selection selection) {
        Cursor one = first.select(selection);
        Cursor other = second.select(selection);
        var seen = new HashSet<Labels>();
        return new Cursor() {
            private boolean within = true;

            @Override
            public boolean next() {
                if (within && one.next()) {
                    seen.add(one.labels());
                    return true;
                }
                within = false;
                while (other.next()) {
                    if (!seen.contains(other.labels())) {
                        return true;
                    }
                }
                return false;
            }

            @Override
            public Labels labels() {
                return within ? one.labels() : other.labels();
            }

            @Override
            public Samples samples() {
                return within ? one.samples() : other.samples();
            }

            @Override
            public void close() {
                one.close();
                other.close();
            }
        };
    }
}
