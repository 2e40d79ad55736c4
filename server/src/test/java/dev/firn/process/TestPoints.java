package dev.firn.process;

import dev.firn.base.Clock;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Series and points of a small shop.
final class TestPoints {
    static final long TIME = 1_760_000_000_000_000_000L;

    /// A clock that stands until it is set.
    static final class HandClock implements Clock {
        final AtomicLong nanos = new AtomicLong(TIME);

        @Override
        public long nanos() {
            return nanos.get();
        }

        @Override
        public long ticks() {
            return nanos.get();
        }

        void advance(long seconds) {
            nanos.addAndGet(seconds * 1_000_000_000L);
        }
    }

    final HandClock clock = new HandClock();
    final SeriesRegistry registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 100_000);
    final Batch batch = new Batch();

    /// @param attributes keys and values by turns
    Series series(String name, String resource, String... attributes) {
        var metric =
                new Metric(
                        new Resource(resource, "", 0, ""),
                        new Scope("lib", "1", "{}", "", 0),
                        name,
                        "1",
                        MetricType.SUM,
                        Temporality.CUMULATIVE,
                        true,
                        "",
                        "{}");
        var entries = new ArrayList<Attributes.Entry>();
        for (int i = 0; i < attributes.length; i += 2) {
            entries.add(
                    new Attributes.Entry(
                            attributes[i], new AttributeValue.Text(attributes[i + 1])));
        }
        return registry.intern(metric, Attributes.of(entries));
    }

    TestPoints add(Series series, long value) {
        batch.numbers.add(series, TIME + value, 0, 0, Numbers.INT, value);
        batch.exemplars.add(
                Points.Kind.NUMBERS,
                batch.numbers.size() - 1,
                TIME,
                Numbers.INT,
                value,
                new byte[16],
                new byte[8],
                "{}");
        return this;
    }

    /// `name{attributes} value` of each number.
    static List<String> shown(Batch batch) {
        var lines = new ArrayList<String>();
        for (int row = 0; row < batch.numbers.size(); row++) {
            Series series = batch.numbers.series[row];
            lines.add(series.metric().name() + series.attributes() + " " + batch.numbers.bits[row]);
        }
        return lines;
    }
}
