package dev.firn.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class WorkerTest {
    @Test
    void theLastDeedIsNotInterrupted() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            var begun = new CountDownLatch(1);
            var interrupted = new AtomicBoolean(true);
            var worker =
                    Worker.start(
                            "test",
                            new Worker.Duty() {
                                @Override
                                public void run() {
                                    begun.countDown();
                                    Thread.onSpinWait();
                                }

                                @Override
                                public void onClose() {
                                    for (int spin = 0; spin < 1_000; spin++) {
                                        Thread.onSpinWait(); // a late interrupt would come now
                                    }
                                    interrupted.set(Thread.currentThread().isInterrupted());
                                }
                            });
            begun.await();
            worker.close();
            assertThat(interrupted).isFalse();
        }
    }
}
