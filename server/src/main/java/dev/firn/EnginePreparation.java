package dev.firn;

import dev.firn.base.InputException;
import dev.firn.base.Worker;
import dev.firn.cli.EnginePlace;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineException;
import dev.firn.engine.EngineHome;
import dev.firn.engine.EngineVersion;
import dev.firn.engine.Rollups;
import dev.firn.engine.Schema;
import dev.firn.query.SloDefinitions;
import dev.firn.query.StoreViews;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What must stand in the engine before points come into it: tables, views, objectives, and what
/// the rollups remember. A server may be away while Firn starts, and Firn receives all the same:
/// then whoever fills the engine does this first, once the server answers.
final class EnginePreparation implements EngineHome.Preparation {
    private static final Logger LOG = LoggerFactory.getLogger(EnginePreparation.class);
    private static final long WAIT_MILLIS = 500;

    /// ClickHouse's code.
    private static final int NOT_ENOUGH_SPACE = 243;

    private final EnginePlace place;
    private final EngineClient client;
    private final Schema schema;
    private final SloDefinitions objectives;
    private final Rollups rollups;
    private final boolean lake;
    private final ReentrantLock rolling = new ReentrantLock(true);
    private volatile boolean done;

    /// @param lake whether views will reach into the lake's files
    EnginePreparation(
            EnginePlace place,
            EngineClient client,
            Schema schema,
            SloDefinitions objectives,
            Rollups rollups,
            boolean lake) {
        this.place = place;
        this.client = client;
        this.schema = schema;
        this.objectives = objectives;
        this.rollups = rollups;
        this.lake = lake;
    }

    /// @throws InputException when the engine cannot be used as it is
    void atStart() throws InterruptedException {
        try {
            if (place instanceof EnginePlace.OfServer) {
                LOG.info("engine is ClickHouse {} at {}", EngineVersion.check(client), place.url());
            }
            prepare();
        } catch (EngineException e) {
            if (!(place instanceof EnginePlace.OfServer) && e.code() != NOT_ENOUGH_SPACE) {
                throw e;
            }
            LOG.warn(
                    "starting without the engine, which gets what the log keeps once it answers:"
                            + " {}",
                    e.getMessage());
        }
    }

    @Override
    public void run() throws InterruptedException {
        if (!done) {
            prepare();
        }
    }

    private void prepare() throws InterruptedException {
        schema.migrate(client);
        objectives.begin(client, schema.database());
        rollups.open();
        StoreViews.define(client, schema.database(), lake);
        done = true;
    }

    /// Whether all is prepared.
    boolean done() {
        return done;
    }

    /// Work that begins when all is prepared.
    Worker.Duty after(Worker.Duty work) {
        return () -> {
            if (done) {
                work.run();
            } else {
                Thread.sleep(WAIT_MILLIS);
            }
        };
    }

    /// The rollups' work, which can be made to rest. Whoever stores points needs to know before
    /// what is closed, so that it begins when all is prepared.
    Worker.Duty resting(Rollups rollups) {
        return after(() -> {
            rolling.lockInterruptibly();
            try {
                rollups.run();
            } finally {
                rolling.unlock();
            }
        });
    }

    /// Held while the rollups are to be at rest; taken between two of their rounds.
    Lock rolling() {
        return rolling;
    }
}
