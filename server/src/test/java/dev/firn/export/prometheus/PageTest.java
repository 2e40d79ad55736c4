package dev.firn.export.prometheus;

import static dev.firn.export.prometheus.PageFixture.OPEN_METRICS;
import static dev.firn.export.prometheus.PageFixture.TEXT;
import static dev.firn.export.prometheus.PageFixture.counter;
import static dev.firn.export.prometheus.PageFixture.exponential;
import static dev.firn.export.prometheus.PageFixture.gauge;
import static dev.firn.export.prometheus.PageFixture.histogram;
import static dev.firn.export.prometheus.PageFixture.nanos;
import static dev.firn.export.prometheus.PageFixture.summary;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.PrometheusExporterConfig.ResourceLabels;
import dev.firn.config.PrometheusExporterConfig.Translation;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Scope;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PageTest {
    private static final byte[] TRACE = HexFormat.of().parseHex("0af7651916cd43dd8448eb211c80319c");
    private static final byte[] SPAN = HexFormat.of().parseHex("b7ad6b7169203331");

    /// One family of each type, with everything that a format can show.
    private static PageFixture all() {
        var page = new PageFixture();
        page.add(
                counter("http.requests")
                        .unit("{request}")
                        .description("Requests\nserved \\ \"all\"")
                        .of(
                                "service.name",
                                "shop",
                                "service.namespace",
                                "eu",
                                "service.instance.id",
                                "a1",
                                "host.name",
                                "h1")
                        .in(new Scope("lib", "1.2", "{\"kind\":\"x\"}", "http://s", 0)),
                10,
                1.5,
                7,
                "http.route",
                "/a\"b\\c\nd",
                "status",
                200);
        page.batch.exemplars.add(
                Points.Kind.NUMBERS,
                0,
                nanos(9.25),
                Numbers.DOUBLE,
                Double.doubleToRawLongBits(0.67),
                TRACE,
                SPAN,
                "{\"user.id\":\"u1\"}");
        page.add(gauge("process.memory").unit("By").description("Memory"), 10, 0, 1.5e10);
        page.addHistogram(
                histogram("rpc.duration").unit("s").description("Time"),
                10,
                2,
                3.25,
                new double[] {0.005, 1, 2_500_000},
                new long[] {1, 2, 3, 4});
        page.batch.exemplars.add(
                Points.Kind.HISTOGRAMS,
                0,
                nanos(8),
                Numbers.INT,
                2,
                new byte[0],
                new byte[0],
                "{}");
        page.addExponential(
                exponential("queue.wait").unit("ms"),
                10,
                2,
                3,
                0,
                2,
                -4,
                new long[] {1, 0, 5},
                0,
                new long[] {});
        var points = page.batch.summaries;
        points.quantiles.push(Double.doubleToRawLongBits(0.5));
        points.quantiles.push(Double.doubleToRawLongBits(1));
        points.values.push(Double.doubleToRawLongBits(0.25));
        points.values.push(Double.doubleToRawLongBits(Double.NaN));
        points.add(page.series(summary("gc.pause").unit("s")), nanos(10), 0, 0, 8, 2.5);
        return page.export();
    }

    @Test
    void textFormatHasEveryType() {
        var page = all();
        assertThat(page.page(TEXT))
                .isEqualTo(
                        """
                        # HELP target_info Target metadata
                        # TYPE target_info gauge
                        target_info{host_name="h1",instance="a1",job="eu/shop"} 1
                        # TYPE gc_pause_seconds summary
                        gc_pause_seconds{quantile="0.5"} 0.25
                        gc_pause_seconds{quantile="1"} NaN
                        gc_pause_seconds_sum 2.5
                        gc_pause_seconds_count 8
                        # HELP http_requests_total Requests\\nserved \\\\ "all"
                        # TYPE http_requests_total counter
                        http_requests_total{http_route="/a\\"b\\\\c\\nd",instance="a1",\
                        job="eu/shop",otel_scope_kind="x",otel_scope_name="lib",\
                        otel_scope_schema_url="http://s",otel_scope_version="1.2",\
                        status="200"} 7
                        # HELP process_memory_bytes Memory
                        # TYPE process_memory_bytes gauge
                        process_memory_bytes 15000000000
                        # TYPE queue_wait_milliseconds histogram
                        queue_wait_milliseconds_bucket{le="+Inf"} 8
                        queue_wait_milliseconds_sum 8
                        queue_wait_milliseconds_count 8
                        # HELP rpc_duration_seconds Time
                        # TYPE rpc_duration_seconds histogram
                        rpc_duration_seconds_bucket{le="0.005"} 1
                        rpc_duration_seconds_bucket{le="1"} 3
                        rpc_duration_seconds_bucket{le="2.5e+06"} 6
                        rpc_duration_seconds_bucket{le="+Inf"} 10
                        rpc_duration_seconds_sum 3.25
                        rpc_duration_seconds_count 10
                        """);
    }

    @Test
    void openMetricsHasExemplarsStartTimesAndUnits() {
        var page = all();
        assertThat(page.page(OPEN_METRICS))
                .isEqualTo(
                        """
                        # HELP target Target metadata
                        # TYPE target info
                        target_info{host_name="h1",instance="a1",job="eu/shop"} 1
                        # TYPE gc_pause_seconds summary
                        # UNIT gc_pause_seconds seconds
                        gc_pause_seconds{quantile="0.5"} 0.25
                        gc_pause_seconds{quantile="1.0"} NaN
                        gc_pause_seconds_sum 2.5
                        gc_pause_seconds_count 8
                        # HELP http_requests Requests\\nserved \\\\ \\"all\\"
                        # TYPE http_requests counter
                        http_requests_total{LABELS} 7 \
                        # {span_id="b7ad6b7169203331",\
                        trace_id="0af7651916cd43dd8448eb211c80319c",user_id="u1"} 0.67 \
                        1760000009.250
                        http_requests_created{LABELS} 1760000001.500
                        # HELP process_memory_bytes Memory
                        # TYPE process_memory_bytes gauge
                        # UNIT process_memory_bytes bytes
                        process_memory_bytes 15000000000
                        # TYPE queue_wait_milliseconds histogram
                        # UNIT queue_wait_milliseconds milliseconds
                        queue_wait_milliseconds_bucket{le="+Inf"} 8
                        queue_wait_milliseconds_sum 8
                        queue_wait_milliseconds_count 8
                        queue_wait_milliseconds_created 1760000002.000
                        # HELP rpc_duration_seconds Time
                        # TYPE rpc_duration_seconds histogram
                        # UNIT rpc_duration_seconds seconds
                        rpc_duration_seconds_bucket{le="0.005"} 1
                        rpc_duration_seconds_bucket{le="1.0"} 3
                        rpc_duration_seconds_bucket{le="2.5e+06"} 6 # {} 2 1760000008.000
                        rpc_duration_seconds_bucket{le="+Inf"} 10
                        rpc_duration_seconds_sum 3.25
                        rpc_duration_seconds_count 10
                        rpc_duration_seconds_created 1760000002.000
                        # EOF
                        """
                                .replace(
                                        "LABELS",
                                        """
                                        http_route="/a\\"b\\\\c\\nd",instance="a1",\
                                        job="eu/shop",otel_scope_kind="x",\
                                        otel_scope_name="lib",\
                                        otel_scope_schema_url="http://s",\
                                        otel_scope_version="1.2",status="200\"\
                                        """));
    }

    @Test
    void utf8NamesStandInQuotesOrAreEscapedAsTheScraperAsks() {
        var page = new PageFixture(PageFixture.translated(Translation.NO_TRANSLATION));
        page.add(gauge("a.b"), 1, 0, 1, "k.1", "x", "k_1", "y");
        page.add(gauge("a_b"), 1, 0, 2, "k_1", "x;y");
        page.export();
        assertThat(page.page(TEXT))
                .isEqualTo(
                        """
                        # TYPE "a.b" gauge
                        {"a.b","k.1"="x",k_1="y"} 1
                        # TYPE a_b gauge
                        a_b{k_1="x;y"} 2
                        """);
        // both are a_b{k_1="x;y"} then: the first stays
        assertThat(page.samples("text/plain;version=0.0.4")).containsExactly("a_b{k_1=\"x;y\"} 1");
        assertThat(page.samples("text/plain;version=1.0.0;escaping=values"))
                .contains("U__a_2e_b{U__k_2e_1=\"x\",k_1=\"y\"} 1");
        assertThat(page.samples("text/plain;version=1.0.0;escaping=dots"))
                .contains("a_dot_b{k_1=\"y\",k_dot_1=\"x\"} 1");
    }

    @Test
    void keysThatBecomeOneLabelAreJoinedInTheirOrder() {
        var page = new PageFixture();
        page.add(
                gauge("g").of("service.name", "shop").in(new Scope("s", "", "{}", "", 0)),
                1,
                0,
                1,
                "a_b",
                "3",
                "a.b",
                "1",
                "a/b",
                "2",
                "otel_scope_name",
                "p",
                "__name__",
                "n",
                "日本",
                "j",
                "1x",
                1.0);
        page.export();
        assertThat(page.samples(TEXT))
                .containsExactly(
                        "g{a_b=\"1;2;3\",job=\"shop\",key_=\"j\",key_1x=\"1\",key_name_=\"n\","
                                + "otel_scope_name=\"p;s\"} 1");
    }

    @Test
    void labelsThatHistogramsAndSummariesNeedStayTheirs() {
        var page = new PageFixture();
        page.addHistogram(histogram("h"), 1, 0, 1, new double[] {}, new long[] {1}, "le", "x");
        page.export();
        assertThat(page.samples(TEXT)).contains("h_bucket{exported_le=\"x\",le=\"+Inf\"} 1");
    }

    @Test
    void resourceAttributesBecomeLabelsAndWinOverConstantOnes() {
        var config =
                PageFixture.config(
                        "my-ns",
                        Map.of("env", "const", "another label", "v"),
                        new ResourceLabels(List.of("*"), List.of("host.*")));
        var page = new PageFixture(config);
        page.add(gauge("1g").of("env", "res", "host.name", "h"), 1, 0, 1, "env", "point");
        page.export();
        assertThat(page.samples(TEXT))
                .containsExactly("my_ns_1g{another_label=\"v\",env=\"res\"} 1");
    }

    @Test
    void oneTargetInfoForAPairAndNoneWithoutOtherAttributes() {
        var page = new PageFixture();
        page.add(gauge("g").of("service.name", "s", "service.instance.id", "1"), 1, 0, 1);
        page.add(gauge("g").of("service.name", "t", "v", "old"), 1, 0, 1);
        page.export();
        page.add(gauge("h").of("service.name", "t", "v", "new"), 1, 0, 1);
        page.add(gauge("i").of("v", "nobody"), 1, 0, 1);
        page.export();
        assertThat(page.samples(TEXT).stream().filter(line -> line.startsWith("target")))
                .containsExactly("target_info{job=\"t\",v=\"new\"} 1");
    }

    @Test
    void aConflictingTypeIsDroppedWholeAndConflictingHelpIsNot() {
        var page = new PageFixture();
        page.add(gauge("x.total").description("first"), 1, 0, 1, "a", "1");
        page.addHistogram(histogram("h"), 1, 0, 1, new double[] {}, new long[] {1});
        page.export();
        page.add(counter("x"), 1, 0, 2, "a", "2");
        page.add(gauge("x_total").description("second"), 1, 0, 3, "a", "3");
        page.add(gauge("h.count"), 1, 0, 4);
        page.export();
        assertThat(page.page(TEXT))
                .startsWith(
                        """
                        # TYPE h histogram
                        h_bucket{le="+Inf"} 1
                        h_sum 1
                        h_count 1
                        # HELP x_total first
                        # TYPE x_total gauge
                        x_total{a="1"} 1
                        x_total{a="3"} 3
                        """);
        assertThat(
                        page.own(
                                "firn_export_prometheus_dropped_points_total{exporter=\"prometheus\",reason=\"type\"}"))
                .endsWith(" 2.0");
    }

    @Test
    void aRefusedMetricShowsOnceTheOtherIsGone() {
        var page = new PageFixture();
        page.add(gauge("x.total"), 1, 0, 1);
        page.export();
        page.add(counter("x"), 1, 0, 2);
        page.export();
        page.clock.advance(Duration.ofMinutes(6));
        page.exporter.sweep();
        page.add(counter("x"), 2, 0, 2);
        page.export();
        assertThat(page.page(TEXT)).isEqualTo("# TYPE x_total counter\nx_total 2\n");
    }

    @Test
    void openMetricsHidesTheFamilyWhoseNameACounterHas() {
        var page = new PageFixture();
        page.add(counter("x"), 1, 0, 1);
        page.add(gauge("x"), 1, 0, 2);
        page.export();
        assertThat(page.samples(TEXT)).containsExactly("x 2", "x_total 1");
        assertThat(page.samples(OPEN_METRICS)).containsExactly("x_total 1");
    }

    @Test
    void seriesLeaveThePageWhenTheyExpireOrEnd() {
        var page = new PageFixture();
        page.add(gauge("a"), 1, 0, 1);
        page.add(gauge("b"), 1, 0, 1);
        page.add(gauge("c"), 1, 0, 1);
        page.export();
        page.batch.numbers.add(
                page.series(gauge("b")), nanos(2), 0, Points.NO_RECORDED_VALUE, Numbers.NONE, 0);
        page.batch.numbers.add(
                page.series(gauge("c")), nanos(0.5), 0, Points.NO_RECORDED_VALUE, Numbers.NONE, 0);
        page.add(gauge("b"), 1.5, 0, 5); // late: the marker holds
        page.export();
        assertThat(page.samples(TEXT)).containsExactly("a 1", "c 1");

        page.clock.advance(Duration.ofMinutes(4));
        page.add(gauge("c"), 3, 0, 2);
        page.export();
        page.clock.advance(Duration.ofMinutes(2));
        assertThat(page.samples(TEXT)).containsExactly("c 2");
        page.exporter.sweep();
        assertThat(page.exporter.series()).isEqualTo(1);
        page.add(gauge("a"), 4, 0, 9);
        page.export();
        assertThat(page.samples(TEXT)).containsExactly("a 9", "c 2");
    }

    @Test
    void theLatestPointShowsWhateverCameLast() {
        var page = new PageFixture();
        page.add(gauge("g"), 5, 0, 5);
        page.add(gauge("g"), 4, 0, 4);
        page.export();
        assertThat(page.samples(TEXT)).containsExactly("g 5");
        page.add(gauge("g"), 5, 0, 6); // equal times: the one that came last
        page.export();
        assertThat(page.samples(TEXT)).containsExactly("g 6");
        assertThat(
                        page.own(
                                "firn_export_prometheus_dropped_points_total{exporter=\"prometheus\",reason=\"older\"}"))
                .endsWith(" 1.0");
        assertThat(page.own("otelcol_exporter_sent_metric_points")).endsWith(" 2.0");
    }

    @Test
    void beyondTheLimitNewSeriesAreDroppedAndOldOnesGoOn() {
        var page = new PageFixture(PageFixture.PLAIN, 1);
        page.add(gauge("a"), 1, 0, 1);
        page.add(gauge("b"), 1, 0, 1);
        page.add(gauge("a"), 2, 0, 2);
        page.export();
        assertThat(page.samples(TEXT)).containsExactly("a 2");
    }

    @Test
    void timestampsAreSentWhenAskedFor() {
        var config =
                PageFixture.config(
                        "",
                        Map.of(),
                        ResourceLabels.NONE,
                        Translation.UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES,
                        true);
        var page = new PageFixture(config);
        page.add(counter("c").unit("s"), 1.25, 0.5, 1);
        page.export();
        assertThat(page.page(TEXT)).isEqualTo("# TYPE c counter\nc 1 1760000001250\n");
        assertThat(page.page(OPEN_METRICS))
                .isEqualTo("# TYPE c unknown\nc 1 1760000001.250\n# EOF\n");
    }

    @Test
    void gaugesThatPrometheusReceiversLeftUnknownStaySo() {
        var page = new PageFixture();
        page.add(gauge("u").metadata("{\"prometheus.type\":\"unknown\"}"), 1, 0, 1);
        page.export();
        assertThat(page.page(TEXT)).startsWith("# TYPE u untyped\n");
        assertThat(page.page(OPEN_METRICS)).startsWith("# TYPE u unknown\n");
    }

    @Test
    void exemplarsStayWithinTheLimit() {
        var page = new PageFixture();
        page.add(counter("c"), 1, 0, 1);
        page.batch.exemplars.add(
                Points.Kind.NUMBERS,
                0,
                0,
                Numbers.DOUBLE,
                Double.doubleToRawLongBits(1),
                TRACE,
                SPAN,
                "{\"trace_id\":\"mine\",\"long\":\"" + "x".repeat(62) + "\"}");
        page.export();
        assertThat(page.samples(OPEN_METRICS).getFirst())
                .isEqualTo(
                        "c_total 1 # {span_id=\"b7ad6b7169203331\","
                                + "trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 1");
    }
}
