package dev.firn.query;

import dev.firn.base.WorldException;
import dev.firn.engine.EngineException;
import java.util.Map;

/// Asks the engine, for everything above it: SLOs, reports, alerts, dashboard. Thread-safe.
public interface Queries {
    /// Who asks, which decides what a query gets: `engine.classes`.
    enum UserClass {
        INTERACTIVE,
        SCHEDULED
    }

    /// What is asked.
    ///
    /// @param file the statement, path below `sql/` without `.sql`; it names no format, and its
    ///   parameters as `{name:Type}`
    /// @param parameters by name, as ClickHouse writes values of their types
    /// @param cached whether an answer up to `engine.cache.ttl` old will do; the statement then has
    ///   no `now()`, but gets the moment as a parameter, rounded by who asks
    record Question(
            String file, Map<String, String> parameters, UserClass userClass, boolean cached) {
        public Question {
            parameters = Map.copyOf(parameters);
        }
    }

    /// The whole answer.
    ///
    /// @throws EngineException when the engine refuses, or does not answer
    /// @throws WorldException when too many ask at once
    Answer ask(Question question) throws InterruptedException;

    /// The whole answer to a statement that stands in a configuration, with the limits of class
    /// `scheduled`.
    ///
    /// @param name what it is called in messages and in the engine's log
    /// @param sql names no format; its parameters as `{name:Type}`
    /// @throws EngineException when the engine refuses, or does not answer
    /// @throws WorldException when too many ask at once
    Answer askText(String name, String sql, Map<String, String> parameters)
            throws InterruptedException;
}
