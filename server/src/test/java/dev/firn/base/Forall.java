package dev.firn.base;

import java.util.Random;

/// Runs a property on many seeded random inputs. A failure names the seed of its round, with which
/// [#of] and one round repeat it.
public final class Forall {
    /// A property that throws where it does not hold.
    @FunctionalInterface
    public interface Property {
        /// Draws its input from `random`.
        void check(Random random) throws Exception;
    }

    private Forall() {}

    /// Checks the property `rounds` times; round 0 has `seed` itself.
    public static void of(int rounds, long seed, Property property) {
        for (int round = 0; round < rounds; round++) {
            long roundSeed = seed + round * 0x9e3779b97f4a7c15L;
            try {
                property.check(new Random(roundSeed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError(
                        "fails in round "
                                + round
                                + ": repeat with Forall.of(1, "
                                + roundSeed
                                + "L, …)",
                        e);
            }
        }
    }
}
