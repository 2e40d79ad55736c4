package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.VerifyPlan.Stretch;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifyPlanTest {
    private final VerifyPlan plan = new VerifyPlan(100, 200);

    @Test
    void filesOfADayAreReadOnceWhereTheyFit() {
        plan.file(100, 123, 500);
        plan.file(100, 123, 400);
        plan.file(124, 147, 99);
        assertThat(plan.stretches(1000)).containsExactly(new Stretch(100, 148, 1));
    }

    @Test
    void filesOfADayThatDoNotFitAreReadOnceAPass() {
        plan.file(100, 123, 2500);
        assertThat(plan.stretches(1000)).containsExactly(new Stretch(100, 124, 3));
    }

    @Test
    void filesOfAnHourAreReadInStretchesThatFit() {
        for (int hour = 100; hour < 106; hour++) {
            plan.file(hour, hour, 300);
        }
        assertThat(plan.stretches(1000))
                .containsExactly(new Stretch(100, 103, 1), new Stretch(103, 106, 1));
    }

    @Test
    void aStretchEndsWhereNoFileIsReadTwice() {
        plan.file(100, 123, 900);
        plan.file(124, 147, 900);
        plan.file(126, 130, 50);
        plan.file(140, 147, 150);
        plan.file(148, 171, 850);
        assertThat(plan.stretches(2000))
                .containsExactly(new Stretch(100, 124, 1), new Stretch(124, 172, 1));
    }

    @Test
    void aFileAcrossABorderCountsOnBothSides() {
        plan.file(100, 101, 800);
        plan.file(101, 102, 800);
        assertThat(plan.stretches(1000))
                .containsExactly(new Stretch(100, 101, 1), new Stretch(101, 103, 2));
    }

    @Test
    void hoursWithoutFilesAndOutsideAreLeftOut() {
        plan.file(50, 100, 10);
        plan.file(110, 110, 10);
        plan.file(199, 250, 10);
        plan.file(10, 20, 10);
        assertThat(plan.stretches(1000))
                .containsExactly(
                        new Stretch(100, 101, 1),
                        new Stretch(110, 111, 1),
                        new Stretch(199, 200, 1));
        assertThat(new VerifyPlan(0, 10).stretches(1)).isEqualTo(List.of());
    }
}
