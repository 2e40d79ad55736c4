package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BodyBuffersTest {
    private static final int MIB = 1 << 20;

    private final AtomicBoolean isShort = new AtomicBoolean();
    private final BodyBuffers buffers =
            new BodyBuffers(ServerLimits.DEFAULT, 64L * MIB, isShort::get);

    private void assertRefused(int capacity) {
        assertThatThrownBy(() -> buffers.acquire(capacity))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("their share of the heap of 64 MiB");
    }

    @Test
    void allRequestsTogetherGetAQuarterOfTheHeap() {
        for (int i = 0; i < 16; i++) {
            buffers.acquire(MIB);
        }
        assertRefused(MIB);
        assertThat(buffers.inflightBytes()).isEqualTo(16 * MIB);
    }

    @Test
    void whileMemoryIsShortASixteenth() {
        isShort.set(true);
        for (int i = 0; i < 4; i++) {
            buffers.acquire(MIB);
        }
        assertRefused(MIB);
        isShort.set(false);
        assertThat(buffers.acquire(MIB)).hasSize(MIB);
    }

    @Test
    void aLargeRequestByItselfIsTakenAtAnyTime() {
        isShort.set(true);
        try (Body body = buffers.open();
                Body plain = buffers.open()) {
            body.ensure(20 * MIB);
            plain.ensure(16 * MIB);
            plain.ensure(32 * MIB);
            assertThat(buffers.inflightBytes()).isEqualTo(52L * MIB);
        }
        assertThat(buffers.inflightBytes()).isZero();
    }

    @Test
    void freeArraysAreLetGoWhenMemoryIsShort() {
        byte[] first = buffers.acquire(MIB);
        buffers.release(first);
        assertThat(buffers.acquire(MIB)).isSameAs(first);
        buffers.release(first);
        isShort.set(true);
        byte[] large = buffers.acquire(8 * MIB); // asks whether it is
        buffers.release(large);
        isShort.set(false);
        assertThat(buffers.acquire(MIB)).isNotSameAs(first);
    }

    @Test
    void noneIsKeptWhileMemoryIsShort() {
        byte[] first = buffers.acquire(MIB);
        isShort.set(true);
        buffers.release(first);
        isShort.set(false);
        assertThat(buffers.acquire(MIB)).isNotSameAs(first);
    }
}
