package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.model.Batch;
import org.junit.jupiter.api.Test;

class BatchAppendTest {
    @Test
    void aBatchDealtOutInTwoPartsIsWholeAgainWhenBothAreAppended() {
        var trial = new DecoderTrial();
        Forall.of(
                300,
                7,
                random -> {
                    trial.redecode(new RandomOtlp(random).request().toByteArray());
                    var one = new Batch();
                    var other = new Batch();
                    long deal = random.nextLong();
                    one.append(
                            trial.batch,
                            (points, row) -> first(deal, row) ? points.series[row] : null);
                    other.append(
                            trial.batch,
                            (points, row) -> first(deal, row) ? null : points.series[row]);
                    assertThat(one.size() + other.size()).isEqualTo(trial.batch.size());
                    one.append(other, (points, row) -> points.series[row]);

                    assertThat(FlatOtlp.sorted(BatchToOtlp.expand(one)))
                            .isEqualTo(FlatOtlp.sorted(BatchToOtlp.expand(trial.batch)));
                });
    }

    private static boolean first(long deal, int row) {
        return (deal >>> (row & 63) & 1) == 0;
    }
}
