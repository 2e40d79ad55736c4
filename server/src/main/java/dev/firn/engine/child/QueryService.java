package dev.firn.engine.child;

import static dev.firn.engine.child.CompressedBlocks.BLOCK_BYTES_MAX;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.base.security.Visible;
import dev.firn.engine.child.Chdb.StatementClass;
import dev.firn.engine.child.Chdb.Statistics;
import dev.firn.engine.child.Engine.Role;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs one request's statement and writes its answer.
///
/// A SELECT's output takes the way over a pipe (`INTO OUTFILE '/dev/fd/N'`): libchdb's own
/// streaming calls format each piece as a document of its own (headers repeated, several JSON
/// texts), whereas this is one document, in any format, with back pressure, and never whole in
/// memory.
final class QueryService {
    private static final Logger LOG = LoggerFactory.getLogger(QueryService.class);

    /// A reader's statement may be so long, and what it unpacks from; the child is small.
    private static final int READER_BYTES_MAX = 1 << 20;

    /// The internal user's statement, rows of an INSERT not counted.
    private static final int STATEMENT_BYTES_MAX = 16 << 20;

    /// So much of an answer waits for the statement's end; `wait_end_of_query=1` raises it.
    private static final int HOLD_BYTES = 128 << 10;

    private static final int HOLD_BYTES_WAITING = 8 << 20;
    private static final int PIPE_BYTES = 64 << 10;
    private static final int INSERT_BYTES = 1 << 20;

    /// How long after a client's leaving its query is stopped.
    private static final int LOOK_MILLIS = 250;

    /// Header of Firn's own requests: environments whose rows the answer may hold.
    private static final String VISIBLE = "x-firn-environments";

    /// Header: data files of the lake's points that may be opened, of how many.
    private static final String LAKE_FILES = "X-Firn-Lake-Files";

    private static final Pattern WRITES = Pattern.compile("(?i)\\s*(CREATE|INSERT)\\b");

    private final Engine engine;
    private final LakeSkipping skipping;
    private final AdminGate adminGate;
    private final ReaderSettings rules;
    private final ReaderGate gate;
    private final Users users;
    private final RunningQueries running;
    private final ResultCache cache;
    private final Cacheable cacheable;
    private final long slowMillis;
    private final Throttle complaints = new Throttle(Clock.system(), 1);
    private final QueryTimes times = new QueryTimes();
    private final QueryCounts counts = new QueryCounts();
    private final AtomicLong sequence = new AtomicLong();

    QueryService(Engine engine, EngineConfig config, RunningQueries running) {
        this.engine = engine;
        this.skipping = new LakeSkipping(config.database());
        this.rules = new ReaderSettings(config.limits(), engine.settingNames());
        this.gate = new ReaderGate(engine.closedTableFunctions());
        this.users = new Users(config);
        this.adminGate = new AdminGate(config.database());
        this.running = running;
        this.slowMillis = config.limits().slowMillis();
        this.cache = new ResultCache(config.cache(), System::nanoTime);
        this.cacheable = new Cacheable(engine.nondeterministicFunctions());
    }

    /// What was counted since the start.
    EngineFigures figures() {
        return new EngineFigures(cache.figures(), times.counts(), times.seconds());
    }

    /// What statements took since what was written down: [QueryCounts#tell].
    String tell(Http.Request request) {
        String id = request.parameter("id");
        String number = request.parameter("number");
        return counts.tell(
                id == null ? "" : id,
                number == null || !number.matches("[0-9]{1,18}") ? -1 : Long.parseLong(number));
    }

    /// Answers a request to `/`. Failures before the answer began are thrown.
    void run(Http.Request request, Http.Response response, HttpInput client, Users.Asking asking)
            throws IOException {
        Role role = asking.role();
        var exchange = Exchange.of(request, role, rules, sequence.incrementAndGet());
        response.header("X-ClickHouse-Query-Id", exchange.queryId());
        response.header("X-ClickHouse-Timezone", engine.timezone());
        // Its place first: what waits for one must not hold a body.
        try (var _ = running.enter(role, asking.user(), exchange.mark())) {
            if (role == Role.INTERNAL) {
                client.limit(0); // rows may come for as long as they come
            }
            answer(exchange, request, response, client, asking.user());
        }
    }

    /// Who asks; a wrong password is thrown.
    ///
    /// @param from address that asks
    Users.Asking authenticate(Http.Request request, String from) {
        return users.authenticate(request, from);
    }

    private interface Writing {
        void run() throws IOException;
    }

    /// Tells what an administrator writes, once it is known what came of it.
    private static void act(String user, byte[] statement, Writing writing) throws IOException {
        String what =
                new String(statement, 0, Math.min(statement.length, 1_000), StandardCharsets.UTF_8);
        String result = "failed";
        try {
            writing.run();
            result = "done";
        } catch (EngineException e) {
            result = "failed: " + e.getMessage();
            throw e;
        } finally {
            new Act(user, what.strip(), result).tell();
        }
    }

    private void answer(
            Exchange exchange,
            Http.Request request,
            Http.Response response,
            HttpInput client,
            String user)
            throws IOException {
        boolean reads = exchange.role() != Role.INTERNAL;
        String inUrl = request.parameter("query");
        byte[] url = inUrl == null ? new byte[0] : inUrl.getBytes(StandardCharsets.UTF_8);
        InputStream body = Codings.decoded(request, reads ? READER_BYTES_MAX : BLOCK_BYTES_MAX);
        byte[] text;
        if (Statement.isInsert(url)) {
            text = url;
        } else {
            text = joined(url, body, reads ? READER_BYTES_MAX : STATEMENT_BYTES_MAX);
        }
        switch (Statement.parse(text, reads)) {
            case Statement.Empty _ -> throw emptyStatement(request, response);
            case Statement.CacheControl control -> control(control, response);
            case Statement.Insert insert -> {
                if (exchange.role() == Role.ADMIN) {
                    adminGate.checkInsert(insert.head(), exchange.database());
                    act(user, insert.head(), () -> insert(exchange, response, insert, text, body));
                } else {
                    insert(exchange, response, insert, text, body);
                }
            }
            case Statement.Query query -> {
                if (exchange.role() == Role.ADMIN && AdminGate.isDelete(text)) {
                    byte[] statement = AdminGate.trimmed(text);
                    act(user, statement, () -> delete(exchange, response, statement));
                    return;
                }
                long from = System.nanoTime();
                var took = new Took();
                try {
                    query(exchange, request, response, query, client, took);
                } finally {
                    long nanos = System.nanoTime() - from;
                    if (reads || "1".equals(exchange.settings().get("readonly"))) {
                        times.add(nanos);
                        var asker = Asker.of(request, exchange);
                        Collection<String> metrics = asker.metrics(text, exchange);
                        counts.add(
                                asker.source(),
                                metrics,
                                asker.nobodys(),
                                took.micros(nanos),
                                took.bytes);
                        counts.uses(asker.source(), metrics, asker.labels(text, exchange));
                    }
                    if (reads) {
                        noteSlow(exchange, text, nanos / 1_000_000);
                    }
                }
            }
        }
    }

    /// What a statement took; one that failed is counted by the clock, and what it read is unknown.
    private static final class Took {
        private boolean failed = true;
        private long nanos;
        private long bytes;

        /// @param elapsed nanoseconds by the clock
        long micros(long elapsed) {
            return (failed ? elapsed : nanos) / 1_000;
        }

        void add(Statistics statistics) {
            failed = false;
            nanos += statistics.elapsedNanos();
            bytes += statistics.readBytes();
        }
    }

    /// Firn's own queries are noted by who asks them, who knows their names.
    private void noteSlow(Exchange exchange, byte[] text, long millis) {
        if (millis >= slowMillis && complaints.permit() >= 0) {
            String sql = new String(text, 0, Math.min(text.length, 400), StandardCharsets.UTF_8);
            LOG.warn(
                    "slow query {} of an outside user took {} ms: {}",
                    exchange.queryId(),
                    millis,
                    sql.replaceAll("\\s+", " "));
        }
    }

    /// About the cache: it is this front end's.
    private void control(Statement.CacheControl control, Http.Response response)
            throws IOException {
        control.settings().forEach(rules::checkCache);
        if (control.settings().isEmpty()) {
            cache.clear();
        }
        AnswerHeaders.warn(response, control.settings(), true);
        AnswerHeaders.summary(response, Statistics.NONE);
        response.send(new byte[0]);
    }

    private static EngineException emptyStatement(Http.Request request, Http.Response response) {
        response.closeAfter();
        return EngineException.of(
                EngineException.SYNTAX_ERROR,
                "SYNTAX_ERROR",
                "Empty query: write it in the URL (query=…) or in the body of a POST to "
                        + request.path());
    }

    /// The statement's bytes: that of the URL, then a new line, then the body's. An INSERT with
    /// rows in its body is read up to a limit only; the rest stays in the stream.
    private static byte[] joined(byte[] url, InputStream body, int bytesMax) throws IOException {
        var text = new ByteArrayOutputStream(url.length + 1024);
        text.writeBytes(url);
        if (url.length > 0) {
            text.write('\n');
        }
        byte[] first = body.readNBytes(64 << 10);
        text.writeBytes(first);
        if (first.length < 64 << 10 || Statement.isInsert(text.toByteArray())) {
            return text.toByteArray();
        }
        text.writeBytes(body.readNBytes(bytesMax - first.length));
        if (body.read() >= 0) {
            throw EngineException.of(
                    EngineException.QUERY_IS_TOO_LARGE,
                    "QUERY_IS_TOO_LARGE",
                    "The statement is longer than " + bytesMax + " bytes");
        }
        return text.toByteArray();
    }

    // -- queries ---------------------------------------------------------------------------------

    /// A deletion of user `admin`.
    private void delete(Exchange exchange, Http.Response response, byte[] text) throws IOException {
        adminGate.checkDelete(text, exchange.database());
        try (var connection = connect(exchange)) {
            connection.query(text, exchange.format(), exchange.parameters());
        }
        AnswerHeaders.summary(response, Statistics.NONE);
        response.send(new byte[0]);
    }

    private void query(
            Exchange plain,
            Http.Request request,
            Http.Response response,
            Statement.Query query,
            HttpInput client,
            Took took)
            throws IOException {
        Role role = plain.role() == Role.ADMIN ? Role.READER : plain.role();
        var exchange = seen(plain.as(role).with(query.settings(), rules), request);
        int hold = request.flag("wait_end_of_query") ? HOLD_BYTES_WAITING : HOLD_BYTES;
        var output = new ResultOutput(request, response, hold);
        AnswerHeaders.warn(response, exchange.cacheSettings().keySet(), false);
        var cached = CachedQuery.of(cache, cacheable, exchange, query);
        if (cached.isEmpty()) {
            run(exchange, response, query, output, client, took);
            return;
        }
        try (var question = cached.get()) {
            var answer = question.answer();
            if (answer.isPresent()) {
                answer(exchange, response, query, output, answer.get());
                took.add(Statistics.NONE);
            } else {
                output.copyTo(question);
                run(exchange, response, query, output, client, took);
            }
        }
    }

    /// Firn itself asks for others, who may not see all.
    private Exchange seen(Exchange exchange, Http.Request request) {
        String said = request.header(VISIBLE);
        return exchange.role() == Role.INTERNAL && said != null
                ? exchange.withOwn(
                        EnvironmentFilters.SETTING, engine.filters(Visible.fromText(said)))
                : exchange;
    }

    private static void answer(
            Exchange exchange,
            Http.Response response,
            Statement.Query query,
            ResultOutput output,
            ResultCache.Answer answer)
            throws IOException {
        format(exchange, response, query);
        response.header("Age", Integer.toString(answer.ageSeconds())); // RFC 9111, section 5.1
        var made = answer.statistics();
        AnswerHeaders.summary(
                response, new Statistics(made.resultRows(), made.resultBytes(), 0, 0, 0, 0, 0));
        output.write(answer.body(), answer.body().length);
        output.finish();
    }

    private static void format(Exchange exchange, Http.Response response, Statement.Query query) {
        String format = query.format() == null ? exchange.format() : query.format();
        response.header("X-ClickHouse-Format", format);
        response.header("Content-Type", AnswerHeaders.contentType(format));
    }

    private void run(
            Exchange exchange,
            Http.Response response,
            Statement.Query query,
            ResultOutput output,
            HttpInput client,
            Took took)
            throws IOException {
        Optional<LakeSkipping.Skip> skip;
        try (var connection = connect(exchange)) {
            var admitted =
                    gate.admit(connection, exchange.role(), query.text(), exchange.parameters());
            format(exchange, response, query);
            skip = skip(connection, admitted.rendering(), exchange, response);
            if (skip.isEmpty()) {
                if (admitted.statementClass() == StatementClass.READ_ONLY) {
                    stream(connection, exchange, response, query, output, client, took);
                } else {
                    whole(connection, exchange, response, query, output, took);
                }
                return;
            }
        }
        // The filter is the connection's from its beginning: readonly lets nothing be set later.
        var spared = exchange.withOwn(EnvironmentFilters.SETTING, skip.get().setting());
        try (var connection = connect(spared)) {
            stream(connection, spared, response, query, output, client, took);
        }
    }

    private Chdb.Connection connect(Exchange exchange) {
        return engine.connect(
                exchange.role(), exchange.settings(), exchange.mark(), exchange.database());
    }

    /// What a reader's statement need not read of the lake. Asked of the table of files first: that
    /// tells how many they are, and a condition that fails there is left to the statement itself.
    private Optional<LakeSkipping.Skip> skip(
            Chdb.Connection connection,
            byte[] rendering,
            Exchange exchange,
            Http.Response response) {
        var skip = skipping.skip(rendering, exchange.database());
        if (skip.isEmpty()) {
            return skip;
        }
        String sql =
                "SELECT count(), countIf(" + skip.get().condition() + ") FROM " + skipping.files();
        try {
            String[] counts =
                    connection
                            .query(
                                    sql.getBytes(StandardCharsets.UTF_8),
                                    "TabSeparated",
                                    exchange.parameters())
                            .text()
                            .strip()
                            .split("\t");
            long total = Long.parseLong(counts[0]);
            long skipped = Long.parseLong(counts[1]);
            response.header(LAKE_FILES, (total - skipped) + "/" + total);
            return skipped == 0 ? Optional.empty() : skip;
        } catch (EngineException e) {
            return Optional.empty();
        }
    }

    private void stream(
            Chdb.Connection connection,
            Exchange exchange,
            Http.Response response,
            Statement.Query query,
            ResultOutput output,
            HttpInput client,
            Took took)
            throws IOException {
        try (var pipe = new Posix.Pipe(PIPE_BYTES)) {
            byte[] text =
                    query.with(
                            "INTO OUTFILE '" + pipe.writerPath() + "' TRUNCATE COMPRESSION 'none'",
                            exchange.format());
            var piped = connection.classify(text);
            if (piped.statements() != 1 || piped.statementClass() != StatementClass.CONTROL) {
                throw EngineException.of(
                        EngineException.SYNTAX_ERROR,
                        "SYNTAX_ERROR",
                        "Cannot put INTO OUTFILE before the end of the statement");
            }
            var task =
                    new FutureTask<>(() -> {
                        try {
                            return connection
                                    .query(text, "TabSeparated", exchange.parameters())
                                    .statistics();
                        } finally {
                            pipe.closeWriter();
                        }
                    });
            Thread.ofPlatform()
                    .daemon()
                    .name("query-" + exchange.queryId())
                    .stackSize(EngineServer.STACK_BYTES)
                    .start(task);
            IOException clientFailure = pump(pipe, output, exchange.mark(), client);
            finish(task, response, output, clientFailure, took);
        }
    }

    /// Carries the output to the client until its end. When the client is gone, the query is told
    /// to stop and the rest is thrown away: its writer would block on a pipe that nobody reads.
    private @Nullable IOException pump(
            Posix.Pipe pipe, ResultOutput output, String mark, HttpInput client) {
        byte[] bytes = new byte[PIPE_BYTES];
        IOException failure = null;
        long nextKill = 0;
        while (true) {
            boolean ready = pipe.await(LOOK_MILLIS);
            if (failure == null && !ready && client.peerGone()) {
                failure = new IOException("the client has gone");
            }
            if (failure != null && System.nanoTime() - nextKill >= 0) {
                Thread.ofPlatform().daemon().name("kill").start(() -> engine.kill(mark));
                nextKill = System.nanoTime() + 1_000_000_000L;
            }
            if (ready) {
                MemorySegment part = pipe.read();
                int count = (int) part.byteSize();
                if (count == 0) {
                    return failure;
                }
                if (failure == null) {
                    MemorySegment.copy(part, ValueLayout.JAVA_BYTE, 0, bytes, 0, count);
                    try {
                        output.write(bytes, count);
                    } catch (IOException e) {
                        failure = e;
                        nextKill = System.nanoTime();
                    }
                }
            }
        }
    }

    private static void finish(
            FutureTask<Statistics> task,
            Http.Response response,
            ResultOutput output,
            @Nullable IOException clientFailure,
            Took took)
            throws IOException {
        Statistics statistics;
        try {
            statistics = task.get();
        } catch (InterruptedException e) {
            throw new IllegalStateException("a query's thread was interrupted", e);
        } catch (ExecutionException e) {
            if (clientFailure != null) {
                throw clientFailure;
            }
            if (e.getCause() instanceof EngineException failure) {
                if (response.begun()) {
                    output.breakOff(failure);
                    return;
                }
                throw failure;
            }
            throw new IllegalStateException("a query's thread failed", e.getCause());
        }
        took.add(statistics);
        if (clientFailure != null) {
            throw clientFailure;
        }
        if (!response.begun()) {
            AnswerHeaders.summary(response, statistics);
        }
        output.whole(statistics);
        output.finish();
    }

    /// DDL and the like: their output is small.
    private void whole(
            Chdb.Connection connection,
            Exchange exchange,
            Http.Response response,
            Statement.Query query,
            ResultOutput output,
            Took took)
            throws IOException {
        boolean writes =
                WRITES.matcher(new String(query.head(), StandardCharsets.UTF_8)).lookingAt();
        if (writes) {
            engine.fullDisk().requireRoom();
        }
        var result = connection.query(query.text(), exchange.format(), exchange.parameters());
        if (writes) {
            engine.fullDisk().written();
        }
        took.add(result.statistics());
        AnswerHeaders.summary(response, result.statistics());
        output.write(result.bytes(), result.bytes().length);
        output.finish();
    }

    // -- inserts ---------------------------------------------------------------------------------

    private void insert(
            Exchange exchange,
            Http.Response response,
            Statement.Insert insert,
            byte[] text,
            InputStream body)
            throws IOException {
        if (exchange.role() == Role.READER) {
            throw EngineException.readOnly(
                    "Cannot execute query in readonly mode: user default only reads");
        }
        engine.fullDisk().requireRoom();
        String format = insert.format();
        if (format == null) {
            format = exchange.formatGiven() ? exchange.format() : "Values";
        }
        try (var connection =
                        engine.connect(
                                exchange.role(),
                                exchange.settings(),
                                exchange.mark(),
                                exchange.database());
                var stream = connection.insert(insert.head(), format)) {
            append(stream, text, insert.rowsAt(), body);
            AnswerHeaders.summary(response, stream.finish());
        }
        engine.fullDisk().written();
        response.header("X-ClickHouse-Format", format);
        response.send(new byte[0]);
    }

    /// A body that breaks off throws, and the stream is closed unfinished: nothing is stored.
    private static void append(Chdb.InsertStream stream, byte[] text, int rowsAt, InputStream body)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var buffer = arena.allocate(INSERT_BYTES);
            byte[] bytes = new byte[INSERT_BYTES];
            for (int from = rowsAt; from < text.length; from += INSERT_BYTES) {
                int count = Math.min(INSERT_BYTES, text.length - from);
                MemorySegment.copy(text, from, buffer, ValueLayout.JAVA_BYTE, 0, count);
                stream.append(buffer.asSlice(0, count));
            }
            int filled = body.readNBytes(bytes, 0, INSERT_BYTES);
            while (filled > 0) {
                MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, filled);
                stream.append(buffer.asSlice(0, filled));
                filled = body.readNBytes(bytes, 0, INSERT_BYTES);
            }
        }
    }
}
