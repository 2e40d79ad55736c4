package dev.firn.engine.child;

import dev.firn.engine.child.Chdb.StatementClass;
import dev.firn.engine.child.Engine.Role;
import dev.firn.engine.child.SqlTokens.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Decides whether a statement may run. Four locks for readers, because each alone was found to let
/// something through: `readonly=1` on the connection (lets INTO OUTFILE, USE, KILL, the function
/// `file` and DESCRIBE of any table function pass, and a SETTINGS clause *inside* a subquery turns
/// it off), the parser's class of the statement (knows no functions), no SETTINGS clause but the
/// last one, and no function that reaches files, the network or other statements.
///
/// The last two look at ClickHouse's own rendering of the parsed statement: there, no comment,
/// quoting or unusual bracket can hide a word from us that the parser sees.
final class ReaderGate {
    /// Reach outside and are open under `readonly`.
    private static final Set<String> REACHING =
            Set.of("file", "eval", "catboostevaluate", "hascolumnintable", "reversednsquery");

    /// Whose answer tells whether a table is there, and files are tables of database `default`.
    private static final Set<String> TABLE_STATEMENTS =
            Set.of("exists", "show", "describe", "desc");

    private final Set<String> forbidden;

    /// `tableFunctions` are those that ClickHouse closes under `readonly`, in lower case.
    ReaderGate(Set<String> tableFunctions) {
        var all = new java.util.HashSet<>(tableFunctions);
        all.addAll(REACHING);
        forbidden = Set.copyOf(all);
    }

    /// A statement that may run.
    ///
    /// @param rendering ClickHouse's own of a reader's statement; empty for the internal user's
    record Admitted(StatementClass statementClass, byte[] rendering) {}

    /// Throws what forbids the statement; else says what class it is of.
    Admitted admit(
            Chdb.Connection connection, Role role, byte[] text, Map<String, byte[]> parameters) {
        var analysis = connection.classify(text);
        if (analysis.statements() > 1) {
            throw EngineException.of(
                    EngineException.SYNTAX_ERROR,
                    "SYNTAX_ERROR",
                    "Multi-statements are not allowed");
        }
        var statementClass = analysis.statementClass();
        if (statementClass == StatementClass.UNKNOWN || analysis.statements() < 1) {
            render(connection, text); // throws the parser's complaint, if it has one
        }
        return switch (role) {
            case INTERNAL -> new Admitted(statementClass, new byte[0]);
            case READER, ADMIN -> {
                if (statementClass != StatementClass.READ_ONLY) {
                    throw EngineException.readOnly(
                            "Cannot execute query in readonly mode: user default only reads, and"
                                    + " writes no files");
                }
                byte[] rendering = render(connection, text);
                checkRendering(rendering);
                checkIdentifiers(rendering, parameters);
                yield new Admitted(statementClass, rendering);
            }
        };
    }

    /// The parsed statement as ClickHouse writes it, or the parser's complaint; nothing runs.
    private static byte[] render(Chdb.Connection connection, byte[] text) {
        // A parameter's value has the escapes of a tab-separated field.
        var escaped = new ByteArrayOutputStream(text.length + 16);
        for (byte b : text) {
            switch (b) {
                case '\\' -> escaped.writeBytes(new byte[] {'\\', '\\'});
                case '\t' -> escaped.writeBytes(new byte[] {'\\', 't'});
                case '\n' -> escaped.writeBytes(new byte[] {'\\', 'n'});
                default -> escaped.write(b);
            }
        }
        try {
            return connection
                    .query(
                            "SELECT formatQuery({q:String})".getBytes(StandardCharsets.UTF_8),
                            "RawBLOB",
                            Map.of("q", escaped.toByteArray()))
                    .bytes();
        } catch (EngineException e) {
            throw withoutContext(e);
        }
    }

    /// Cuts our own `SELECT formatQuery(…)` out of the parser's complaint.
    private static EngineException withoutContext(EngineException e) {
        String text = e.text();
        int name = text.lastIndexOf(" (");
        for (String mark :
                new String[] {
                    ": In scope SELECT formatQuery", ": while executing 'FUNCTION form"
                }) {
            int context = text.indexOf(mark);
            if (context >= 0 && name > context) {
                return EngineException.parse(text.substring(0, context) + text.substring(name));
            }
        }
        return e;
    }

    /// A dollar sign outside quotes is refused: ClickHouse writes texts with quotes, and where a
    /// name or a heredoc ends that begins with one, we and its parser might see differently.
    private void checkRendering(byte[] rendering) {
        var tokens = new SqlTokens(rendering, rendering.length);
        String before = "";
        Kind kind = tokens.next();
        boolean asksForTables = kind == Kind.WORD && TABLE_STATEMENTS.contains(bare(tokens.text()));
        while (kind != Kind.END) {
            if (kind == Kind.BROKEN || tokens.startsWith('$')) {
                throw EngineException.readOnly("Cannot check the statement for readers");
            }
            String word = kind == Kind.WORD || kind == Kind.QUOTED_NAME ? bare(tokens.text()) : "";
            boolean bracket = tokens.isMark('(');
            if (asksForTables && (word.contains("/") || tokens.isMark('{'))) {
                throw filesAsTables();
            }
            kind = tokens.next();
            if (word.equals("default") && tokens.isMark('.')) {
                throw filesAsTables();
            }
            if (word.isEmpty()) {
                before = bracket && before.equals("apply") ? before : "";
                continue;
            }
            boolean called = tokens.isMark('(') || before.equals("apply");
            if (called && forbidden.contains(word)) {
                throw EngineException.readOnly(
                        "Cannot execute query in readonly mode: function "
                                + word
                                + " reaches beyond the tables");
            }
            if (word.equals("settings")) {
                checkSettings(tokens, kind);
                kind = tokens.kind();
            }
            before = word;
        }
    }

    /// A parameter can stand for a name that the rendering does not show.
    private static void checkIdentifiers(byte[] rendering, Map<String, byte[]> parameters) {
        if (!new String(rendering, StandardCharsets.UTF_8).contains("Identifier")) {
            return;
        }
        for (byte[] bytes : parameters.values()) {
            String value = new String(bytes, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
            if (value.contains("/") || value.contains("default")) {
                throw filesAsTables();
            }
        }
    }

    private static EngineException filesAsTables() {
        return EngineException.readOnly(
                "Cannot execute query in readonly mode: database default shows files as tables");
    }

    /// SETTINGS as a clause: a name (of one or more parts) and an equals sign follow. A column of
    /// that name is followed by anything else.
    private static void checkSettings(SqlTokens tokens, Kind kind) {
        if (kind != Kind.WORD && kind != Kind.QUOTED_NAME) {
            return;
        }
        tokens.next();
        if (tokens.isMark('=') || tokens.isMark('.')) {
            throw EngineException.of(
                    EngineException.SETTING_CONSTRAINT_VIOLATION,
                    "SETTING_CONSTRAINT_VIOLATION",
                    "Cannot take a SETTINGS clause here: readers may set allowed settings, to"
                            + " plain values, at the statement's end or in the URL");
        }
    }

    private static String bare(String name) {
        boolean quoted = name.startsWith("`") || name.startsWith("\"");
        return (quoted ? name.substring(1, name.length() - 1) : name).toLowerCase(Locale.ROOT);
    }
}
