package dev.firn.process;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.config.ErrorMode;
import dev.firn.process.ottl.EvaluationException;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `error_mode` of one processor or group.
final class ErrorHandling {
    private static final Logger LOG = LoggerFactory.getLogger("dev.firn.process");
    private static final long QUIET_SECONDS = 60;

    private final String processor;
    private final ErrorMode mode;
    private final CounterDataPoint errors;
    private final Throttle throttle;

    ErrorHandling(String processor, ErrorMode mode, CounterDataPoint errors, Clock clock) {
        this.processor = processor;
        this.mode = mode;
        this.errors = errors;
        this.throttle = new Throttle(clock, QUIET_SECONDS);
    }

    /// Returns where the next statement shall be tried.
    ///
    /// @throws Step.Failure where the request shall not pass
    void failed(String text, EvaluationException why) {
        errors.inc();
        String message = "processor " + processor + ": " + text + ": " + why.getMessage();
        switch (mode) {
            case PROPAGATE -> throw new Step.Failure(message);
            case IGNORE -> log(message);
            case SILENT -> {}
        }
    }

    private void log(String message) {
        long dropped = throttle.permit();
        if (dropped >= 0) {
            LOG.warn("{} ({} such messages were left out since the last one)", message, dropped);
        }
    }
}
