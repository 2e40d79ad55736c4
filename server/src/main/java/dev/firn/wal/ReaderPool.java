package dev.firn.wal;

import dev.firn.base.WorldException;
import dev.firn.model.Batch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Readers at rest. Sinks read cuts in order, each at its own pace: whoever asks gets the reader
/// that stands right before the cut, so each sink finds its own again. Thread-safe.
final class ReaderPool implements AutoCloseable {
    private static final int IDLE_MAX = 4;

    private final Supplier<CutReader> make;
    private final List<CutReader> idle = new ArrayList<>();
    private boolean closed;

    ReaderPool(Supplier<CutReader> make) {
        this.make = make;
    }

    void read(CutEntry cut, Consumer<Batch> each) {
        CutReader reader = borrow(cut);
        boolean whole = false;
        try {
            reader.read(cut, each);
            whole = true;
        } catch (IOException e) {
            throw new WorldException(
                    "cannot read cut " + cut.sequence() + " from the wal: " + e.getMessage(), e);
        } finally {
            giveBack(reader, whole);
        }
    }

    private synchronized CutReader borrow(CutEntry cut) {
        CutReader best = null;
        for (CutReader one : idle) {
            if (stands(one, cut) && (best == null || one.position() > best.position())) {
                best = one;
            }
        }
        if (best == null && idle.size() == IDLE_MAX) {
            best = idle.getFirst(); // the one unused for longest
        }
        if (best == null) {
            return make.get();
        }
        idle.remove(best);
        return best;
    }

    private static boolean stands(CutReader reader, CutEntry cut) {
        Segment segment = reader.segment();
        return segment != null
                && segment.number() == cut.segment()
                && reader.position() <= cut.offset();
    }

    private synchronized void giveBack(CutReader reader, boolean whole) {
        if (whole && !closed && idle.size() < IDLE_MAX) {
            idle.add(reader);
        } else {
            close(reader);
        }
    }

    /// Lets go of files and tables of segments that are gone.
    synchronized void forget(LogIndex index) {
        idle.removeIf(one -> {
            Segment segment = one.segment();
            boolean gone = segment != null && index.segment(segment.number()) == null;
            if (gone) {
                close(one);
            }
            return gone;
        });
    }

    private static void close(@Nullable CutReader reader) {
        try {
            if (reader != null) {
                reader.close();
            }
        } catch (IOException e) {
            // it only read
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        idle.forEach(ReaderPool::close);
        idle.clear();
    }
}
