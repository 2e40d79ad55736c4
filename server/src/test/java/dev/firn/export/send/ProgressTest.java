package dev.firn.export.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.Forall;
import dev.firn.model.CheckpointStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressTest {
    /// Keeps the last one, as a disk does.
    private static final class Store implements CheckpointStore {
        private @Nullable Checkpoint last;

        @Override
        public @Nullable Checkpoint read(String sink) {
            return last;
        }

        @Override
        public void write(Checkpoint checkpoint) {
            last = checkpoint;
        }
    }

    /// Cuts of some parts each, several under way, answered in any order, with kills in between:
    /// each part is answered exactly once, and a cut is released after all of its parts, in order.
    @Test
    void killsNeverRepeatAnAnsweredPartNorLoseOne() {
        Forall.of(
                300,
                11,
                random -> {
                    int cuts = 1 + random.nextInt(8);
                    var parts = new HashMap<Long, Integer>();
                    for (long cut = 1; cut <= cuts; cut++) {
                        parts.put(cut, random.nextInt(5));
                    }
                    var store = new Store();
                    var answered = new HashMap<String, Integer>();
                    var released = new ArrayList<Long>();
                    for (boolean killed = true; killed; ) {
                        killed = random.nextInt(4) > 0;
                        run(
                                parts,
                                store,
                                answered,
                                released,
                                random,
                                killed ? random.nextInt(12) : Integer.MAX_VALUE);
                    }

                    Set<String> expected = new HashSet<>();
                    parts.forEach((cut, count) -> {
                        for (int part = 0; part < count; part++) {
                            expected.add(cut + ":" + part);
                        }
                    });
                    assertThat(answered.keySet()).isEqualTo(expected);
                    assertThat(answered.values()).allMatch(times -> times == 1);
                    assertThat(released).isSorted().doesNotHaveDuplicates();
                    assertThat(Objects.requireNonNull(store.last).sequence())
                            .isEqualTo((long) cuts);
                });
    }

    /// One life of the process: at most `steps` answers.
    private static void run(
            Map<Long, Integer> parts,
            Store store,
            Map<String, Integer> answered,
            List<Long> released,
            java.util.random.RandomGenerator random,
            int steps) {
        var progress = new Progress("x", store, (cut, size) -> released.add(cut), Clock.system());
        var underWay = new ArrayList<String>();
        int left = steps;
        for (long cut = progress.sequence() + 1; cut <= parts.size(); cut++) {
            progress.begin(cut);
            for (int part = 0; part < parts.getOrDefault(cut, 0); part++) {
                if (progress.start(cut, Integer.toString(part))) {
                    underWay.add(cut + ":" + part);
                }
                while (underWay.size() > 3 || (!underWay.isEmpty() && random.nextBoolean())) {
                    if (left-- <= 0) {
                        return;
                    }
                    answer(progress, underWay, answered, random);
                }
            }
            progress.whole(cut, 1);
        }
        while (!underWay.isEmpty()) {
            if (left-- <= 0) {
                return;
            }
            answer(progress, underWay, answered, random);
        }
    }

    private static void answer(
            Progress progress,
            List<String> underWay,
            Map<String, Integer> answered,
            java.util.random.RandomGenerator random) {
        String one = underWay.remove(random.nextInt(underWay.size()));
        answered.merge(one, 1, Integer::sum);
        String[] at = one.split(":", -1);
        progress.done(Long.parseLong(at[0]), at[1]);
    }
}
