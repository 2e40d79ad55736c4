package dev.firn.web;

import java.util.Map;
import java.util.function.Consumer;

/// Something that Firn does when asked to, and that may take long.
public interface Task {
    /// Does it.
    ///
    /// @param parameters from the query, the first of each name
    /// @param progress takes a line now and then
    /// @return what happened, as JSON-able values
    Object run(Map<String, String> parameters, Consumer<String> progress)
            throws InterruptedException;
}
