package dev.firn.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrowsersTest {
    private static InetSocketAddress listening(String host) {
        return new InetSocketAddress(host, 8080);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8080, '', '', 127.0.0.1, true",
        "localhost:8080, '', none, 127.0.0.1, true",
        "localhost.:8080, '', None, LOCALHOST, true",
        "'', '', '', 127.0.0.1, true",
        "[::1]:8080, '', '', ::1, true",
        "[0:0:0:0:0:0:0:1], '', '', ::1, true",
        "localhost:8080, http://localhost:8080, same-origin, 127.0.0.1, true",
        "LOCALHOST:1, http://localhost:1, Same-Origin, 127.0.0.1, true",
        "metrics.example:8080, '', '', 0.0.0.0, true",
        "rebound.example:8080, '', '', 127.0.0.1, false",
        "rebound.example:8080, http://rebound.example:8080, same-origin, localhost, false",
        "0.0.0.0:8080, '', '', 127.0.0.1, false",
        "127.evil.com:8080, '', '', 127.0.0.1, false",
        "127.0.0.1:8080, http://evil.example, '', 127.0.0.1, false",
        "127.0.0.1:8080, http://127.0.0.1:3000, same-site, 127.0.0.1, false",
        "127.0.0.1:8080, '', cross-site, 127.0.0.1, false",
        "127.0.0.1:8080, '', Cross-Site, 127.0.0.1, false",
        "127.0.0.1:8080, '', same-site, 127.0.0.1, false",
        "127.0.0.1:8080, 'null', '', 127.0.0.1, false",
        "'', http://, '', 127.0.0.1, false",
        "metrics.example:8080, http://evil.example, '', 0.0.0.0, false",
    })
    void pagesOfOtherSitesAreKeptOut(
            String host, String origin, String fetchSite, String listening, boolean allowed) {
        var browsers = Browsers.ownPages(listening(listening));
        assertThat(browsers.refusal(host, origin, fetchSite).isEmpty()).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "firn.example:8080, 127.0.0.1, true",
        "FIRN.example., 127.0.0.1, true",
        "localhost:8080, 127.0.0.1, true",
        "a.lan.example, 127.0.0.1, true",
        "lan.example, 127.0.0.1, false",
        "evil-lan.example, 127.0.0.1, false",
        "x.firn.example, 127.0.0.1, false",
        "192.0.2.7:8080, 127.0.0.1, false",
        "rebound.example, 0.0.0.0, false",
        "firn.example, 0.0.0.0, true",
        "192.0.2.7:8080, 0.0.0.0, true",
        "[2001:db8::7]:8080, '::', true",
        "1.2.3.4.example, 0.0.0.0, false",
        "[evil.example]:8080, '::', false",
        "'', 0.0.0.0, true",
    })
    void itIsAskedByItsNamesOnly(String host, String listening, boolean allowed) {
        var browsers =
                Browsers.ownPages(listening(listening), List.of("firn.example", "*.lan.example"));
        assertThat(browsers.refusal(host, "", "").isEmpty()).isEqualTo(allowed);
    }

    @Test
    void aStarIsAnyName() {
        var browsers = Browsers.ownPages(listening("127.0.0.1"), List.of("*"));
        assertThat(browsers.refusal("any.example", "", "")).isEmpty();
        assertThat(browsers.refusal("any.example", "http://evil.example", "")).isPresent();
    }

    @Test
    void whatServesNoPagesIsAskedByNone() {
        var browsers = Browsers.noPages(listening("127.0.0.1"), origin -> false);
        assertThat(browsers.refusal("localhost:8080", "", "")).isEmpty();
        assertThat(browsers.refusal("localhost:8080", "http://localhost:8080", ""))
                .hasValueSatisfying(why -> assertThat(why).contains("\"http://localhost:8080\""));
        assertThat(browsers.refusal("localhost:8080", "", "same-origin")).isPresent();
    }

    @Test
    void anAllowedOriginMayAskButNotUnderAForeignName() {
        var browsers = Browsers.noPages(listening("127.0.0.1"), "https://shop.example"::equals);
        assertThat(browsers.refusal("localhost:4318", "https://shop.example", "cross-site"))
                .isEmpty();
        assertThat(browsers.refusal("localhost:4318", "https://other.example", "cross-site"))
                .isPresent();
        assertThat(browsers.refusal("rebound.example", "https://shop.example", "cross-site"))
                .isPresent();
        assertThat(browsers.refusal("localhost:4318", "", "cross-site")).isPresent();
    }

    @Test
    void namesOfLoopback() {
        for (String name : new String[] {"localhost", "LocalHost", "::1", "[::1]", "127.1.2.3"}) {
            assertThat(Browsers.isLoopback(name)).as(name).isTrue();
        }
        for (String name : new String[] {"0.0.0.0", "127.evil.com", "", "::"}) {
            assertThat(Browsers.isLoopback(name)).as(name).isFalse();
        }
    }
}
