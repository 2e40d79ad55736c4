package dev.firn.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrowsersTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8080, '', '', 127.0.0.1, true",
        "localhost:8080, '', none, 127.0.0.1, true",
        "'', '', '', 127.0.0.1, true",
        "[::1]:8080, '', '', ::1, true",
        "localhost:8080, http://localhost:8080, same-origin, 127.0.0.1, true",
        "metrics.example:8080, '', '', 0.0.0.0, true",
        "rebound.example:8080, '', '', 127.0.0.1, false",
        "127.evil.com:8080, '', '', 127.0.0.1, false",
        "127.0.0.1:8080, http://evil.example, '', 127.0.0.1, false",
        "127.0.0.1:8080, '', cross-site, 127.0.0.1, false",
        "127.0.0.1:8080, 'null', '', 127.0.0.1, false",
    })
    void pagesOfOtherSitesAreKeptOut(
            String host, String origin, String fetchSite, String listening, boolean allowed) {
        assertThat(Browsers.refusal(host, origin, fetchSite, listening).isEmpty())
                .isEqualTo(allowed);
    }
}
