package dev.firn.analyse.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.firn.base.InputException;
import org.junit.jupiter.api.Test;

class PricesTest {
    @Test
    void theShippedExamplesAreRead() {
        Prices prices = Prices.open("../config/prices.yaml");
        assertThat(prices.list()).isEqualTo("s3-and-ec2");
        assertThat(prices.currency()).isEqualTo("USD");
        assertThat(prices.of(Meter.POINTS)).isZero();
        assertThat(prices.cost(Meter.LAKE_BYTE_HOURS, 10L * 730 << 30))
                .isEqualTo(0.25, within(1e-12));
        assertThat(prices.cost(Meter.SAMPLES, 5_000_000)).isEqualTo(0.01, within(1e-12));
        assertThat(prices.budgets()).hasSize(1);
    }

    @Test
    void allMistakesAreToldWithTheirPlaces() {
        assertThatThrownBy(() ->
                        Prices.read(
                                "p.yaml",
                                """
                                use: b
                                lists:
                                  - name: a
                                    currency: euros
                                    prices: {sample: 1, points: 0.0000000001}
                                budgets:
                                  - {monthly: 5}
                                """))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("p.yaml:4")
                .hasMessageContaining("\"euros\" is no code such as EUR or USD")
                .hasMessageContaining("sample")
                .hasMessageContaining("has more than 9 decimals")
                .hasMessageContaining("there is no list \"b\"; name one of [a]")
                .hasMessageContaining("name and monthly are needed");
    }

    @Test
    void aBudgetIsForWhatItNames() {
        Prices prices =
                Prices.read(
                        "p.yaml",
                        """
                        use: a
                        lists: [{name: a, paid_for: {lake: 1KiB}, prices: {points: 1}}]
                        budgets: [{name: x, monthly: 5, environment: prod}]
                        """);
        Prices.Budget budget = prices.budgets().getFirst();
        assertThat(budget.fits(new Group("p", "prod", "s", "", "m", ""))).isTrue();
        assertThat(budget.fits(new Group("p", "dev", "s", "", "m", ""))).isFalse();

        var quantities = new Quantities();
        quantities.add(Meter.LAKE_BYTE_HOURS, Group.OVERHEAD, 1_000);
        StoredBytes.addIdle(quantities, prices, Meter.LAKE_BYTE_HOURS);
        assertThat(quantities.total(Meter.LAKE_BYTE_HOURS)).isEqualTo(1_024);
    }

    @Test
    void groupsBeyondTheLimitAreOne() {
        var quantities = new Quantities();
        for (int i = 1; i <= 20; i++) {
            quantities.add(Meter.POINTS, new Group("", "", "", "", "m" + i, ""), i);
        }
        quantities.add(Meter.POINTS, Group.OVERHEAD, 1);
        Quantities within = Groups.within(quantities, Meter.POINTS, 5);
        assertThat(within.total(Meter.POINTS)).isEqualTo(211);
        assertThat(within.all()).hasSize(6);
        assertThat(within.all())
                .containsEntry(new Quantities.Key(Meter.POINTS, Group.OVERHEAD), 1L)
                .containsEntry(new Quantities.Key(Meter.POINTS, Group.OVERFLOW), 136L);
    }
}
