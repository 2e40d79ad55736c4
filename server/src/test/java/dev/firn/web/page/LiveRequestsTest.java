package dev.firn.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Histograms;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveRequestsTest {
    private static final long NOW = 1_790_000_000L;

    private final Clock clock =
            new Clock() {
                @Override
                public long nanos() {
                    return NOW * 1_000_000_000L;
                }

                @Override
                public long ticks() {
                    return 0;
                }
            };
    private final LiveRequests requests = new LiveRequests(clock);
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000);

    @Test
    void aSumSinceItsStartCountsItsGrowth() {
        Series series = series("http.server.duration", Temporality.CUMULATIVE, "200");
        store(series, NOW - 60, 1_000, 500); // since when is not known
        store(series, NOW - 50, 1_000, 530);
        store(series, NOW - 50, 1_000, 530); // once more
        store(series, NOW - 55, 1_000, 520); // late
        store(series, NOW - 40, NOW - 45, 7); // started anew
        store(series, NOW - 30, NOW - 45, 3); // so, too
        assertThat(counts()).containsExactly(30L, 7L, 3L);
    }

    @Test
    void aDeltaCountsItself() {
        store(series("http.server.request.duration", Temporality.DELTA, "200"), NOW, NOW - 9, 4);
        store(series("http.server.request.duration", Temporality.DELTA, "503"), NOW, NOW - 9, 3);
        assertThat(requests.after(0))
                .containsExactly(
                        new LiveRequests.Window(
                                new LiveRequests.Plane("prod", "p1"), NOW / 10 * 10, 7, 3));
    }

    @Test
    void whatIsNotOfTheLastMinutesOrNoRequestIsLeftOut() {
        store(series("http.client.request.duration", Temporality.DELTA, "200"), NOW, NOW - 9, 4);
        store(series("http.server.duration", Temporality.DELTA, "200"), NOW - 700, NOW - 709, 4);
        store(series("http.server.duration", Temporality.DELTA, "200"), NOW + 700, NOW - 709, 4);
        assertThat(counts()).isEmpty();
    }

    @Test
    void onlyWhatChangedIsTold() {
        Series series = series("http.server.duration", Temporality.DELTA, "200");
        store(series, NOW - 60, NOW - 70, 1);
        long seen = requests.change();
        assertThat(requests.after(seen)).isEmpty();
        store(series, NOW, NOW - 10, 2);
        assertThat(requests.after(seen))
                .extracting(LiveRequests.Window::requests)
                .containsExactly(2L);
    }

    private List<Long> counts() {
        return requests.after(0).stream().map(LiveRequests.Window::requests).toList();
    }

    private Series series(String name, Temporality temporality, String status) {
        String resource =
                attributes("deployment.environment.name", "prod", "data_plane_id", "p1").toJson();
        return registry.intern(
                new Metric(
                        new Resource(resource, "", 0, ""),
                        new Scope("lib", "1", "{}", "", 0),
                        name,
                        "s",
                        MetricType.HISTOGRAM,
                        temporality,
                        false,
                        "",
                        "{}"),
                attributes("http.route", "/buy", "http.response.status_code", status));
    }

    private static Attributes attributes(String... pairs) {
        return Attributes.of(
                List.of(
                        new Attributes.Entry(pairs[0], new AttributeValue.Text(pairs[1])),
                        new Attributes.Entry(pairs[2], new AttributeValue.Text(pairs[3]))));
    }

    private void store(Series series, long time, long start, long count) {
        Histograms points = new Batch().histograms;
        points.add(
                series, time * 1_000_000_000L, start * 1_000_000_000L, 0, count, (byte) 0, 0, 0, 0);
        requests.stored(run -> run.take(series, false, points, new int[] {0}, 0, 1));
    }
}
