package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.security.Accounts.Account;
import dev.firn.base.security.Accounts.Source;
import dev.firn.base.security.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What travels to the child, and what must not show.
final class EngineConfigTest {
    @Test
    void usersTravelWithTheirRolesAndTheirSecretsPlaces() {
        var accounts =
                new EngineAccounts(
                        List.of(
                                new Account(
                                        "web.users[0]",
                                        "anna",
                                        Role.READ,
                                        Optional.of(
                                                new Source.File(
                                                        "web.users[0].token_file",
                                                        Path.of("/a=b&c d/tok"))),
                                        ""),
                                new Account(
                                        "web.users[1]",
                                        "otto",
                                        Role.ADMIN,
                                        Optional.of(
                                                new Source.Variable(
                                                        "web.users[1].token_env", "TOKEN")),
                                        ""),
                                new Account(
                                        "web.users[2]", "x", Role.INGEST, Optional.empty(), "")),
                        Optional.of(new Source.File("web.htpasswd_file", Path.of("/x/htpasswd"))),
                        Optional.empty(),
                        Optional.of(List.of("firn.example", "*.lan")));
        assertThat(EngineAccounts.fromLine(accounts.toLine())).isEqualTo(accounts);
        assertThat(accounts.open().any()).as("its files are not there").isFalse();
        assertThat(accounts.open().anonymous()).as("and nobody else may more").isEmpty();
        assertThat(EngineAccounts.fromLine(EngineAccounts.EVERYBODY.toLine()))
                .isEqualTo(EngineAccounts.EVERYBODY);
    }

    private static final String SECRET = "0123456789abcdefghij";

    @Test
    void secretTravelsButIsNeverShown() {
        var config =
                new EngineConfig(
                        Path.of("/x/lib.so"),
                        Path.of("/x/data"),
                        "127.0.0.1",
                        1,
                        SECRET,
                        1 << 30,
                        "d",
                        QueryLimits.within(1 << 30));
        assertThat(EngineConfig.fromLine(config.toLine())).isEqualTo(config);
        assertThat(config.toString()).doesNotContain(SECRET).contains("/x/data");
        assertThatThrownBy(() -> EngineConfig.fromLine(config.toLine() + "&broken=%zz"))
                .hasMessageNotContaining(SECRET)
                .hasStackTraceContaining("control line")
                .satisfies(e -> assertThat(String.valueOf(e.getCause())).doesNotContain(SECRET));
    }
}
