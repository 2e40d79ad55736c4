package dev.firn.base.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    @TempDir private Path folder;
    private long now = 1;

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

    private static Optional<String> ask(Authenticator authenticator, String header, String value) {
        Map<String, String> headers = Map.of(header, value);
        return authenticator.refusal(headers::get);
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anyOfTheTokensLetsIn() {
        var tokens =
                BearerTokens.of(
                        "Authorization", "Bearer", List.of(new Secret("one"), new Secret("two")));

        assertThat(ask(tokens, "Authorization", "Bearer one")).isEmpty();
        assertThat(ask(tokens, "Authorization", "Bearer two")).isEmpty();
        assertThat(ask(tokens, "Authorization", "two")).isPresent();
        assertThat(ask(tokens, "Authorization", "Bearer three").orElseThrow())
                .doesNotContain("three");
        assertThat(ask(tokens, "Other", "Bearer one").orElseThrow()).contains("is missing");
        assertThat(tokens.header().value().value()).isEqualTo("Bearer one");
        assertThat(tokens.header().toString()).doesNotContain("one");
    }

    @Test
    void aTokenThatLeftItsFileIsRefused() throws Exception {
        Path file = folder.resolve("tokens");
        Files.writeString(file, "old\nother\n");
        var tokens = BearerTokens.of("X-Key", "", "extensions.b.filename", file, clock);
        assertThat(ask(tokens, "X-Key", "old")).isEmpty();

        Files.writeString(file, "renewed\n");
        now += 2_000_000_000L;

        assertThat(ask(tokens, "X-Key", "old")).isPresent();
        assertThat(ask(tokens, "X-Key", "renewed")).isEmpty();
        assertThat(tokens.header().value().value()).isEqualTo("renewed");

        Files.delete(file); // what was read last holds
        now += 2_000_000_000L;
        assertThat(ask(tokens, "X-Key", "renewed")).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsAMistake() {
        assertThatThrownBy(() ->
                        BearerTokens.of(
                                "A", "B", "extensions.b.filename", folder.resolve("no"), clock))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("extensions.b.filename", "no", "there is no such file");
    }

    /// The hashes of "geheim" in the forms that htpasswd and openssl passwd write.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$apr1$TGbcmWB/$MRRBo4gzXvpcAIXVY.r0o1",
                "$1$rkbLAuSd$Bgi.5Z8qxR7t0KpLXcssK0",
                "$5$Ek8wj3xIufENBfQC$V/gySYeikStp7cA54Xh7ZVzs1qfViQY9.A11qVWeaoC",
                "$6$LOTl0eyk30dTU50X$L3Q30aDCQ4J0GCqcYKoqyBw3a2m/dKlPNfqqXlsW17Af2lxI10OKDtlvJtz7Mcotj8dNqOooO7NK7sN4w38DP.",
                "{SHA}kGByAB793z4R5tK1eC9Hd/4Dhzk=",
                "{SSHA}nsU7fNH6MksoDIBffuw1Ov6dikWYV83V5WobOQ==",
                "geheim",
                "$2b$04$12IAeEVIEV/F9s0JmTfGb.ZDuEOSo8uBRI/Gmid/P7PNKJg6N2VlO"
            })
    void everyFormOfPasswordIsKnown(String stored) {
        var users = new Htpasswd("htpasswd", null, new Secret("ann:" + stored), clock);

        assertThat(ask(users, "Authorization", basic("ann:geheim"))).isEmpty();
        assertThat(ask(users, "Authorization", basic("ann:geheim"))).isEmpty();
        assertThat(ask(users, "Authorization", basic("ann:Geheim"))).isPresent();
        assertThat(ask(users, "Authorization", basic("bob:geheim"))).isPresent();
        assertThat(ask(users, "Authorization", basic("ann"))).isPresent();
        assertThat(ask(users, "Authorization", "Basic ?")).isPresent();
        assertThat(ask(users, "Authorization", "Bearer x")).isPresent();
    }

    @Test
    void inlineUsersWinAndTheFileIsReadAgain() throws Exception {
        Path file = folder.resolve("users");
        Files.writeString(file, "ann:one\nbob:two\n# nobody\n");
        var users = new Htpasswd("htpasswd", file, new Secret("ann:three"), clock);
        assertThat(ask(users, "Authorization", basic("ann:three"))).isEmpty();
        assertThat(ask(users, "Authorization", basic("ann:one"))).isPresent();
        assertThat(ask(users, "Authorization", basic("bob:two"))).isEmpty();

        Files.writeString(file, "bob:changed\n");
        now += 2_000_000_000L;

        assertThat(ask(users, "Authorization", basic("bob:two"))).isPresent();
        assertThat(ask(users, "Authorization", basic("bob:changed"))).isEmpty();
    }

    @Test
    void hashesOfUnknownKindsAreRefused() {
        assertThatThrownBy(() -> new Htpasswd("h", null, new Secret("a:$7$salt$x"), clock))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("h.inline", "line 1", "unknown kind");
        assertThatThrownBy(() -> new Htpasswd("h", null, new Secret("nonsense"), clock))
                .hasMessageContaining("user:hash");
    }

    @Test
    void aClientSendsUserAndPassword() throws Exception {
        Path file = folder.resolve("password");
        Files.writeString(file, "geheim\n");

        var credentials =
                BasicCredentials.of(
                        new BasicCredentials.Source.Text(new Secret("ann")),
                        new BasicCredentials.Source.File("k", file),
                        clock);

        assertThat(credentials.header().value().value()).isEqualTo(basic("ann:geheim"));
    }
}
