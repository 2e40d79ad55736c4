package dev.firn.analyse.slo.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.analyse.slo.SloWindow.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpansTest {
    @Test
    void rangesThatTouchAreOne() {
        assertThat(
                        Counting.merged(
                                List.of(
                                        new Span(10, 12),
                                        new Span(1, 4),
                                        new Span(2, 3),
                                        new Span(4, 6),
                                        new Span(8, 9))))
                .containsExactly(new Span(1, 6), new Span(8, 9), new Span(10, 12));
        assertThat(Counting.merged(List.of())).isEmpty();
    }
}
