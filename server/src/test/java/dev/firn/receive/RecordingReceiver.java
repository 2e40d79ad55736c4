package dev.firn.receive;

import dev.firn.model.Intake;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps what it received and answers as told.
final class RecordingReceiver implements Receiver {
    record Request(Format format, byte[] body, String sender) {}

    /// What to do with the request of that number, from 0 on.
    interface Script {
        Intake.Answer answer(int number);
    }

    final List<Request> requests = new CopyOnWriteArrayList<>();
    volatile Script script = number -> Intake.Answer.OK;

    @Override
    public Intake.Answer receive(Format format, byte[] body, int length, String sender) {
        int number;
        synchronized (this) {
            number = requests.size();
            requests.add(new Request(format, Arrays.copyOf(body, length), sender));
        }
        return script.answer(number);
    }
}
