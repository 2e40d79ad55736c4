package dev.firn.export.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.Forall;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestsTest {
    private static final Series SERIES =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10)
                    .intern(
                            new Metric(
                                    new Resource("{}", "", 0, ""),
                                    new Scope("", "", "{}", "", 0),
                                    "m",
                                    "",
                                    MetricType.GAUGE,
                                    Temporality.UNSPECIFIED,
                                    false,
                                    "",
                                    "{}"),
                            "{}");

    private static List<Request> requests(List<Batch> batches, int pointsMax, int bytesMax) {
        var requests = new ArrayList<Request>();
        var maker =
                new Requests(
                        (batch, out) -> {
                            for (int row = 0; row < batch.numbers.size(); row++) {
                                out.i64(batch.numbers.bits[row]);
                            }
                        },
                        pointsMax,
                        bytesMax,
                        requests::add);
        batches.forEach(maker::add);
        maker.flush();
        return requests;
    }

    /// Every point is in one request, in order; limits hold; parts are distinct; the same batches
    /// give the same requests.
    @Test
    void batchesAreDividedAndJoinedWithoutLoss() {
        Forall.of(
                500,
                3,
                random -> {
                    var batches = new ArrayList<Batch>();
                    var expected = new ArrayList<Long>();
                    long value = 0;
                    for (int i = random.nextInt(12); i > 0; i--) {
                        var batch = new Batch();
                        for (int row = random.nextInt(40); row > 0; row--) {
                            expected.add(value);
                            batch.numbers.add(SERIES, 1, 0, 0, Numbers.INT, value++);
                        }
                        batches.add(batch);
                    }
                    int pointsMax = 1 + random.nextInt(25);
                    int bytesMax = 8 * (1 + random.nextInt(25));

                    List<Request> requests = requests(batches, pointsMax, bytesMax);

                    var seen = new ArrayList<Long>();
                    for (Request request : requests) {
                        assertThat(request.points()).isBetween(1L, (long) pointsMax);
                        assertThat(request.body()).hasSizeLessThanOrEqualTo(bytesMax);
                        var body = ByteBuffer.wrap(request.body()).order(ByteOrder.LITTLE_ENDIAN);
                        while (body.hasRemaining()) {
                            seen.add(body.getLong());
                        }
                    }
                    assertThat(seen).isEqualTo(expected);
                    assertThat(requests.stream().map(Request::part)).doesNotHaveDuplicates();
                    assertThat(
                                    requests(batches, pointsMax, bytesMax).stream()
                                            .map(Request::part)
                                            .toList())
                            .isEqualTo(requests.stream().map(Request::part).toList());
                });
    }
}
