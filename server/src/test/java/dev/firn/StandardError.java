package dev.firn;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.FileDescriptor;
import java.io.FileOutputStream;

/// Log lines of the tests: to the process's standard error itself. `System.out` and `System.err`
/// are what a command under test prints to, and a worker of another Firn may log meanwhile.
public final class StandardError extends OutputStreamAppender<ILoggingEvent> {
    @Override
    public void start() {
        setOutputStream(new FileOutputStream(FileDescriptor.err));
        super.start();
    }
}
