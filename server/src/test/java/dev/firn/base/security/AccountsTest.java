package dev.firn.base.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.security.Accounts.Account;
import dev.firn.base.security.Accounts.Answer;
import dev.firn.base.security.Accounts.Source;
import dev.firn.base.security.Accounts.Who;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountsTest {
    private static final String TOKEN = "0123456789abcdef";

    @TempDir private Path folder;
    private long now = 1;
    private Path passwords = Path.of("");
    private Path tokens = Path.of("");

    private final Clock clock =
            new Clock() {
                @Override
                public long nanos() {
                    return now;
                }

                @Override
                public long ticks() {
                    return now;
                }
            };

    @BeforeEach
    void files() throws Exception {
        passwords = Files.writeString(folder.resolve("htpasswd"), "anna:secret\n");
        tokens = Files.writeString(folder.resolve("tokens"), TOKEN + "\n");
    }

    private Account account(String name, Role role, Optional<Source> token) {
        return new Account("web.users[0]", name, role, token, "");
    }

    private Source file() {
        return new Source.File("web.users[0].token_file", tokens);
    }

    private Accounts accounts() {
        return accounts(
                List.of(
                        account("anna", Role.READ, Optional.empty()),
                        account("robot", Role.ADMIN, Optional.of(file()))));
    }

    private Accounts accounts(List<Account> accounts) {
        return Accounts.open(
                accounts,
                Optional.of(new Source.File("web.htpasswd_file", passwords)),
                Optional.empty(),
                name -> null,
                clock);
    }

    private void later(int seconds) {
        now += seconds * 1_000_000_000L;
    }

    @Test
    void aTokenThatLeavesItsFileEndsItsSessions() throws Exception {
        Accounts accounts = accounts();
        var sessions = new Sessions(accounts, clock);
        var robot = new Who("robot", Role.ADMIN);
        assertThat(accounts.token(TOKEN)).isEqualTo(new Answer.Known(robot));
        String id = sessions.open(robot).value();
        assertThat(sessions.find(id)).contains(robot);
        assertThat(sessions.find(id + "x")).isEmpty();

        Files.writeString(tokens, "another-token-of-it\n");
        later(2);
        assertThat(accounts.token(TOKEN)).isInstanceOf(Answer.Wrong.class);
        assertThat(sessions.find(id)).isEmpty();
    }

    @Test
    void aSessionEnds() {
        var sessions = new Sessions(accounts(), clock);
        var anna = new Who("anna", Role.READ);
        String id = sessions.open(anna).value();
        later(12 * 3_600);
        assertThat(sessions.find(id)).contains(anna);
        later(1);
        assertThat(sessions.find(id)).isEmpty();

        String first = sessions.open(anna).value();
        var robot = new Who("robot", Role.ADMIN);
        String others = sessions.open(robot).value();
        for (int i = 0; i < Sessions.USER_SESSIONS_MAX - 1; i++) {
            sessions.open(anna);
        }
        assertThat(sessions.find(first)).isPresent();
        for (int i = 0; i < Sessions.SESSIONS_MAX; i++) {
            sessions.open(anna);
        }
        assertThat(sessions.find(first)).isEmpty();
        assertThat(sessions.find(others)).as("one user does not end another's").contains(robot);
    }

    @Test
    void aGuesserWaitsAndOthersDoNot() {
        Accounts accounts = accounts();
        for (int i = 0; i < FailedLogins.FREE; i++) {
            assertThat(accounts.password("anna", "wrong", "10.0.0.1"))
                    .isInstanceOf(Answer.Wrong.class);
        }
        assertThat(accounts.password("anna", "secret", "10.0.0.1"))
                .isEqualTo(new Answer.Later("anna", FailedLogins.WAIT_SECONDS));
        assertThat(accounts.password("anna", "secret", "10.0.0.2"))
                .isInstanceOf(Answer.Known.class);
        later(FailedLogins.WAIT_SECONDS);
        assertThat(accounts.password("anna", "secret", "10.0.0.1"))
                .isInstanceOf(Answer.Known.class);
    }

    @Test
    void guessesAtTheSameTimeCountToo() throws Exception {
        Accounts accounts = accounts();
        List<Answer> answers;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Answer> guess = () -> accounts.password("anna", "wrong", "10.0.0.1");
            answers =
                    threads.invokeAll(Collections.nCopies(50, guess)).stream()
                            .map(Future::resultNow)
                            .toList();
        }
        assertThat(answers.stream().filter(Answer.Wrong.class::isInstance))
                .hasSize(FailedLogins.FREE);
        assertThat(answers.stream().filter(Answer.Later.class::isInstance))
                .hasSize(50 - FailedLogins.FREE);
        assertThat(accounts.password("x".repeat(65), "wrong", "10.0.0.1"))
                .as("is not remembered")
                .isEqualTo(new Answer.Wrong("", "user or password are wrong"));
    }

    @Test
    void secretsThatAreNotThereOrTooShortAreRefused() throws Exception {
        var missing = new Source.Variable("web.users[0].token_env", "MISSING");
        assertThatThrownBy(() -> accounts(List.of(account("a", Role.READ, Optional.of(missing)))))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("\"MISSING\": the environment has no such variable");
        assertThatThrownBy(() ->
                        accounts(
                                List.of(
                                        account("a", Role.READ, Optional.of(file())),
                                        account("b", Role.ADMIN, Optional.of(file())))))
                .hasMessageContaining("user \"b\" from another");
        Files.writeString(tokens, "short\n");
        assertThatThrownBy(this::accounts)
                .hasMessageContaining("at least 16 characters")
                .hasMessageNotContaining("short\n");
    }

    @Test
    void rolesCoverOnlyTheirOwn() {
        assertThat(Role.ADMIN.covers(Role.READ) && Role.ADMIN.covers(Role.INGEST)).isTrue();
        assertThat(Role.READ.covers(Role.INGEST) || Role.READ.covers(Role.ADMIN)).isFalse();
        assertThat(Role.INGEST.covers(Role.READ) || Role.INGEST.covers(Role.ADMIN)).isFalse();
    }
}
