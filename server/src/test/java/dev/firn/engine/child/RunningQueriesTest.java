package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.child.Engine.Role;
import org.junit.jupiter.api.Test;

class RunningQueriesTest {
    @Test
    void oneUserDoesNotTakeAllPlaces() {
        var running = new RunningQueries(3, 2);
        var first = running.enter(Role.READER, "anna", "1");
        running.enter(Role.ADMIN, "anna", "2");
        assertThatThrownBy(() -> running.enter(Role.READER, "anna", "3"))
                .hasMessageContaining("of anna. Maximum: 2 (engine.queries_per_user)");
        running.enter(Role.READER, "ben", "4");
        assertThatThrownBy(() -> running.enter(Role.READER, "ben", "5"))
                .hasMessageContaining("of all together. Maximum: 3 (engine.queries_max)");
        first.close();
        var again = running.enter(Role.READER, "anna", "6");
        assertThat(running.marks()).containsExactlyInAnyOrder("2", "4", "6");
        again.close();
        running.enter(Role.READER, "ben", "7"); // who was refused holds nothing
    }

    @Test
    void firnsOwnHaveNoSuchLimit() {
        var running = new RunningQueries(3, 1);
        running.enter(Role.INTERNAL, "", "1");
        running.enter(Role.INTERNAL, "", "2");
        assertThat(running.marks()).hasSize(2);
    }
}
