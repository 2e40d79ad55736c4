package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StatementTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static Statement.Query query(String sql) {
        return (Statement.Query) Statement.parse(bytes(sql), true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT 1 FORMAT JSON | SELECT 1 | JSON",
                "SELECT 1 format CSV ; -- end | SELECT 1 | CSV",
                "SELECT 'a FORMAT CSV' | SELECT 'a FORMAT CSV' |",
                "SELECT (SELECT 1 FORMAT CSV) | SELECT (SELECT 1 FORMAT CSV) |",
                "SELECT format('{}', 1) | SELECT format('{}', 1) |",
                "SELECT 1 AS format | SELECT 1 AS format |",
                "SELECT $x$ FORMAT CSV $x$ | SELECT $x$ FORMAT CSV $x$ |",
                "SELECT 1 /* FORMAT CSV */ | SELECT 1 |",
            })
    void formatIsFoundAtTheEndOnly(String sql, String head, String format) {
        var query = query(sql);
        assertThat(text(query.head()).strip()).isEqualTo(head);
        assertThat(query.format()).isEqualTo(format);
    }

    @Test
    void clauseGoesBeforeFormatAndAfterComments() {
        assertThat(text(query("SELECT 1 -- x").with("INTO y", "TSV")))
                .isEqualTo("SELECT 1\nINTO y\nFORMAT TSV ");
        assertThat(text(query("SELECT 1 -- x\nFORMAT CSV;").with("INTO y", "TSV")))
                .isEqualTo("SELECT 1 -- x\n\nINTO y\nFORMAT CSV ");
    }

    @Test
    void settingsAtTheEndAreLifted() {
        var query = query("SELECT 1 SETTINGS a = 1, b = 'it''s' FORMAT CSV");
        assertThat(query.settings()).isEqualTo(Map.of("a", "1", "b", "it's"));
        assertThat(text(query.text())).isEqualTo("SELECT 1 \nFORMAT CSV ");
        var behind = query("SELECT 1 FORMAT CSV SETTINGS a = 1;");
        assertThat(behind.settings()).isEqualTo(Map.of("a", "1"));
        assertThat(text(behind.text())).isEqualTo("SELECT 1 \nFORMAT CSV ");
    }

    @Test
    void settingsElsewhereStay() {
        assertThat(query("SELECT * FROM (SELECT 1 SETTINGS a=1) x").settings()).isEmpty();
        assertThat(query("SELECT 1 SETTINGS a = [1]").settings()).isEmpty();
        assertThat(query("SELECT settings FROM t").settings()).isEmpty();
    }

    @Test
    void insertIsCutFromItsRows() {
        var insert =
                (Statement.Insert)
                        Statement.parse(bytes("INSERT INTO t (a, b) FORMAT Native\n\t\nx"), false);
        assertThat(text(insert.head())).isEqualTo("INSERT INTO t (a, b)");
        assertThat(insert.format()).isEqualTo("Native");
        assertThat(insert.rowsAt()).isEqualTo(35);
        var values = (Statement.Insert) Statement.parse(bytes("insert into t values (1)"), false);
        assertThat(text(values.head())).isEqualTo("insert into t");
        assertThat(values.format()).isEqualTo("Values");
        assertThat(Statement.parse(bytes("INSERT INTO t SELECT 1"), false))
                .isInstanceOf(Statement.Query.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET use_query_cache = 1",
                "/* x */ set query_cache_ttl=5, use_query_cache = true;",
                "SYSTEM DROP QUERY CACHE",
                "system clear query cache ; -- now"
            })
    void cacheStatementsAreKnown(String sql) {
        assertThat(Statement.parse(bytes(sql), true)).isInstanceOf(Statement.CacheControl.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET max_threads = 1",
                "SET use_query_cache = 1, readonly = 0",
                "SYSTEM DROP QUERY CACHE; DROP TABLE t",
                "SYSTEM DROP MARK CACHE",
                "SET use_query_cache = (SELECT 1)"
            })
    void otherStatementsAreNot(String sql) {
        assertThat(Statement.parse(bytes(sql), true)).isInstanceOf(Statement.Query.class);
    }
}
