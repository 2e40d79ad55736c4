package dev.firn.ops.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SenderTest {
    private final List<Long> pauses = new ArrayList<>();
    private final byte[] body = "the same bytes".getBytes(StandardCharsets.UTF_8);
    private TinyReceiver receiver;

    @BeforeEach
    void open() throws IOException {
        receiver = new TinyReceiver();
    }

    @AfterEach
    void close() {
        receiver.close();
    }

    private Answer send(boolean gzip) {
        try (var sender = sender(gzip)) {
            return sender.send(body);
        }
    }

    private Sender sender(boolean gzip) {
        return new Sender(receiver.uri(), gzip, Duration.ofMinutes(1), Clock.system(), this::pause);
    }

    private boolean pause(long millis) {
        pauses.add(millis);
        return pauses.size() < 6;
    }

    @Test
    void bodyArrivesPackedAndUnpacked() {
        assertThat(send(true)).isEqualTo(new Answer.Accepted(0, ""));
        assertThat(send(false)).isEqualTo(new Answer.Accepted(0, ""));
        assertThat(receiver.taken()).containsExactly(body, body);
    }

    @Test
    void retryableAnswersAreRetriedWithTheSameBytesAndGrowingPauses() {
        receiver.answer(503, "");
        receiver.answer(429, "");
        receiver.answer(502, "");
        receiver.answer(504, "");
        assertThat(send(true)).isEqualTo(new Answer.Accepted(0, ""));
        assertThat(receiver.taken()).hasSize(5).allMatch(b -> java.util.Arrays.equals(b, body));
        assertThat(pauses).containsExactly(100L, 200L, 400L, 800L);
    }

    @Test
    void retryAfterIsHonoured() {
        receiver.answer(503, "7");
        receiver.answer(503, "Wed, 21 Oct 2026 07:28:00 GMT");
        assertThat(send(true)).isEqualTo(new Answer.Accepted(0, ""));
        assertThat(pauses).containsExactly(7000L, 200L);
    }

    @Test
    void brokenConnectionIsRetried() {
        receiver.answer(-1, "");
        assertThat(send(true)).isEqualTo(new Answer.Accepted(0, ""));
        // The JDK's client may itself have repeated the request once: at least two arrived.
        assertThat(receiver.taken()).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void otherErrorsAreNotRetried() {
        receiver.refuse(400, new byte[] {8, 3, 18, 3, 'b', 'a', 'd'});
        assertThat(send(true)).isEqualTo(new Answer.Refused(400, "bad"));
        receiver.refuse(500, "<html>".getBytes(StandardCharsets.UTF_8));
        assertThat(send(true)).isEqualTo(new Answer.Refused(500, "<html>"));
        assertThat(receiver.taken()).hasSize(2);
        assertThat(pauses).isEmpty();
    }

    @Test
    void partialSuccessIsToldAndNotRetried() {
        receiver.partial(3, "time 0");
        assertThat(send(true)).isEqualTo(new Answer.Accepted(3, "time 0"));
        assertThat(receiver.taken()).hasSize(1);
    }

    @Test
    void stoppingEndsTheRetries() {
        for (int i = 0; i < 10; i++) {
            receiver.answer(503, "");
        }
        assertThat(send(true)).isInstanceOf(Answer.Unanswered.class);
        assertThat(receiver.taken()).hasSize(6);
    }

    @Test
    void patienceEnds() {
        receiver.answer(503, "61");
        assertThat(send(true)).isInstanceOf(Answer.Unanswered.class);
        assertThat(pauses).isEmpty();
    }
}
