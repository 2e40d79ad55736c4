package dev.firn.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WorkerTest {
    @Test
    void theInterruptThatEndsTheLoopDoesNotReachWhatClosingWrites() throws InterruptedException {
        var running = new CountDownLatch(1);
        var interrupted = new AtomicReference<Boolean>();
        try (var worker =
                Worker.start(
                        "test",
                        new Worker.Duty() {
                            @Override
                            public void run() {
                                running.countDown();
                                while (!Thread.currentThread().isInterrupted()) {
                                    Thread.onSpinWait();
                                }
                            }

                            @Override
                            public void onClose() {
                                interrupted.set(Thread.currentThread().isInterrupted());
                            }
                        })) {
            running.await();
            worker.close();
        }
        assertThat(interrupted).hasValue(false);
    }

    @Test
    void aDutyThatCannotCloseDoesNotKeepTheOthersFromIt() {
        var worker =
                Worker.start(
                        "test",
                        new Worker.Duty() {
                            @Override
                            public void run() throws InterruptedException {
                                Thread.sleep(60_000);
                            }

                            @Override
                            public void onClose() {
                                throw new IllegalStateException("a bug that this test made");
                            }
                        });
        worker.close();
        worker.close();
    }
}
