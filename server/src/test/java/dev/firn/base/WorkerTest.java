package dev.firn.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    /// What a process does whose worker meets an error of the JVM.
    static final class Doomed {
        private Doomed() {}

        public static void main(String[] arguments) throws InterruptedException {
            Worker.start(
                    "doomed",
                    () -> {
                        throw new NoClassDefFoundError("a class that this test misses");
                    });
            Thread.sleep(60_000);
        }
    }

    @Test
    void anErrorOfTheJvmEndsTheProcess() throws Exception {
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Doomed.class.getName())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
    }

    @Test
    void aWorkerThatDoesNotEndIsLeftBehind() throws InterruptedException {
        var running = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var worker =
                Worker.start(
                        "stuck",
                        () -> {
                            running.countDown();
                            while (release.getCount() > 0) {
                                Thread.onSpinWait();
                            }
                        });
        running.await();
        assertThat(worker.close(50)).isFalse();
        release.countDown();
        assertThat(worker.close(30_000)).isTrue();
    }
}
