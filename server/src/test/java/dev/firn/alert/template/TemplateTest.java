package dev.firn.alert.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is expected here, Go 1.26's text/template and Prometheus 3.16's functions gave.
class TemplateTest {
    private static String expand(String text) {
        return Template.parse(text)
                .expand(
                        new TemplateData(
                                Map.of("instance", "a.example:9090", "job", "x"),
                                Map.of("cluster", "eu"),
                                "http://firn:8080/firn",
                                1234.5,
                                1_435_065_584_128L,
                                TemplateTest::query));
    }

    private static List<TemplateSample> query(String query) {
        return query.equals("none")
                ? List.of()
                : List.of(
                        new TemplateSample(Map.of("instance", "b"), 21.0),
                        new TemplateSample(Map.of("instance", "a"), 11.0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '~',
            textBlock =
                    """
                    plain text => plain text
                    {{ $labels.instance }} {{ .Labels.job }}{{$labels.no}}. => a.example:9090 x.
                    {{ $value }} {{ .Value }} {{ $externalLabels.cluster }} => 1234.5 1234.5 eu
                    {{ $externalURL }} {{ externalURL }} {{ pathPrefix }} => http://firn:8080/firn http://firn:8080/firn /firn
                    {{ $value | humanize }} => 1.234k
                    {{ humanize 0.0012345 }} {{ humanize 0.0 }} => 1.234m 0
                    {{ 1048576.0 | humanize1024 }} {{ humanize1024 "0.5" }} => 1Mi 0.5
                    {{ humanizeDuration 93784.3 }} => 1d 2h 3m 4s
                    {{ humanizeDuration 0.12345 }} {{ humanizeDuration 59.99 }} => 123.5ms 59.99s
                    {{ humanizeDuration -3600 }} => -1h 0m 0s
                    {{ humanizePercentage 0.1234567 }} => 12.35%
                    {{ humanizeTimestamp 1435065584.128 }} => 2015-06-23 13:19:44.128 +0000 UTC
                    {{ (toTime 1435065584.0) }} {{ toDuration 90.5 }} => 2015-06-23 13:19:44 +0000 UTC 1m30.5s
                    {{ now }} {{ parseDuration "1h30m" }} => 1.435065584128e+09 5400
                    {{ printf "%.2f %5.1f|%-4s|%q %d %v %%" 0.125 2.0 "a" "b" 3 $value }} => 0.12   2.0|a   |"b" 3 1234.5 %
                    {{ printf "%g %e %08.3f %s" 1e21 12345.678 3.14159 "x" }} => 1e+21 1.234568e+04 0003.142 x
                    {{ printf "%d" 1.5 }} {{ printf "%s" }} => %!d(float64=1.5) %!s(MISSING)
                    {{ query "x" | first | value }} => 21
                    {{ with query "none" }}some{{ else }}nothing{{ end }} => nothing
                    {{ query "x" | first | label "instance" }} => b
                    {{ range query "x" | sortByLabel "instance" }}{{ .Labels.instance }}:{{ .Value }} {{ end }}. => a:11 b:21 .
                    {{ range $i, $s := query "x" }}{{ $i }}={{ $s.Labels.instance }};{{ end }} => 0=b;1=a;
                    {{ range $k, $v := $labels }}{{ $k }}={{ $v }} {{ end }}. => instance=a.example:9090 job=x .
                    {{ if gt $value 1000.0 }}high{{ else if gt $value 10.0 }}some{{ else }}low{{ end }} => high
                    {{ if and (eq $labels.job "y" "x") (not false) }}yes{{ end }} => yes
                    {{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }} => 2
                    {{- $y := "a" -}}  {{ $y | toUpper }} {{ title "some word" }} => A Some Word
                    {{ reReplaceAll "(.*):.*" "$1!" $labels.instance }} => a.example!
                    {{ match "^a.*9090$" $labels.instance }} => true
                    {{ stripPort $labels.instance }} {{ stripDomain $labels.instance }} {{ stripDomain "10.0.0.1:80" }} => a.example a:9090 10.0.0.1:80
                    {{ graphLink "up == 0" }} => /graph?g0.expr=up+%3D%3D+0&g0.tab=0
                    {{ len "äb" }} {{ index $labels "job" }} {{ print 1 2 "a" "b" 3 }} => 3 x 1 2ab3
                    {{/* nothing */}}{{ or "" "other" }}{{ html "<a>" }} => other&lt;a&gt;
                    {{ $v := args 1 "b" }}{{ $v.arg1 }} => b
                    """)
    void isFilledInAsByGo(String text, String expected) {
        assertThat(expand(text.strip())).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ $labels.x ",
                "{{ nosuch 1 }}",
                "{{ $nosuch }}",
                "{{ if true }}x",
                "{{ end }}",
                "{{ else }}",
                "{{ define \"a\" }}{{ end }}",
                "{{ template \"a\" }}",
                "{{ }}",
                "{{ 5m }}",
                "{{ ( 1 }}",
                "{{ if true }}{{ else }}{{ else }}{{ end }}",
                "{{ $x = 1 }}",
            })
    void whatCannotBeReadIsRefused(String text) {
        assertThatThrownBy(() -> Template.parse(text)).isInstanceOf(TemplateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ query \"none\" | first }}",
                "{{ if gt $value 5 }}x{{ end }}",
                "{{ .Nosuch }}",
                "{{ humanize \"x\" }}",
                "{{ $labels.job 1 }}",
                "{{ index $labels }}{{ reReplaceAll \"(\" \"\" \"\" }}",
                "{{ humanize }}",
                "{{ range $value }}{{ end }}",
                "{{ $value.x }}",
            })
    void whatGoFailsAtFails(String text) {
        Template template = Template.parse(text);
        assertThatThrownBy(() ->
                        template.expand(
                                new TemplateData(
                                        Map.of("job", "x"),
                                        Map.of(),
                                        "",
                                        1.0,
                                        0,
                                        TemplateTest::query)))
                .isInstanceOf(TemplateException.class);
    }

    @Test
    void spacesAreTrimmedWhereADashStands() {
        assertThat(expand("a \n {{- 1 -}} \n b {{ 2 }} c")).isEqualTo("a1b 2 c");
    }
}
