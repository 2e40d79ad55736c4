package dev.firn.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunningRequestsTest {
    private static int entered(RunningRequests running, String asker, int times) {
        int entered = 0;
        for (int i = 0; i < times; i++) {
            entered += running.enter(asker) ? 1 : 0;
        }
        return entered;
    }

    @Test
    void eachAskerHasItsOwnPlaces() {
        var running = new RunningRequests(2);
        assertThat(entered(running, "anna", 3)).isEqualTo(2);
        assertThat(entered(running, "otto", 1)).isEqualTo(1);
        running.leave("anna");
        assertThat(entered(running, "anna", 2)).isEqualTo(1);
        running.leave("anna");
        running.leave("anna");
        assertThat(entered(running, "anna", 3)).isEqualTo(2);
    }
}
