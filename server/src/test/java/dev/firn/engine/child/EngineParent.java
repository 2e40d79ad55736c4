package dev.firn.engine.child;

import dev.firn.base.OwnMetrics;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/// A parent to be killed: starts an engine, tells its child's process id, waits for its end.
final class EngineParent {
    private EngineParent() {}

    public static void main(String[] arguments) {
        var engine =
                EngineProcess.start(TestEngine.config(Path.of(arguments[0]), 0), new OwnMetrics());
        System.out.println("child " + engine.pid());
        System.out.flush();
        while (true) {
            LockSupport.park();
        }
    }
}
