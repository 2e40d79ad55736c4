package dev.firn.lake;

import dev.firn.base.ByteWriter;
import dev.firn.export.otlp.OtlpEncoder;
import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.WellKnown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/// The same points as others would keep them: the bytes of OTLP/JSON as a Collector's file exporter
/// writes it, and one Snappy Parquet file in the layout of the seed's `MetricParquet`, once as its
/// writer (xitongsys/parquet-go) encodes when no encoding is named, plain, and once with
/// dictionaries.
final class ScaleOthers implements AutoCloseable {
    private static final MessageType SEED =
            MessageTypeParser.parseMessageType(
                    """
                    message MetricParquet {
                      required int64 timestamp (TIMESTAMP(MILLIS,true));
                      required binary metric_name (UTF8);
                      required double metric_value;
                      required binary metric_type (UTF8);
                      required binary http_method (UTF8);
                      required binary http_route (UTF8);
                      required binary http_status_code (UTF8);
                      required binary environment (UTF8);
                      required binary data_plane_id (UTF8);
                      required binary service_name (UTF8);
                      required binary cluster_id (UTF8);
                      required binary region (UTF8);
                      required int32 year;
                      required int32 month;
                      required int32 day;
                      required int32 hour;
                    }
                    """);

    private final OtlpEncoder encoder = new OtlpEncoder(OtlpEncoder.Format.JSON);
    private final Path folder;
    private final ParquetWriter<Group> plain;
    private final ParquetWriter<Group> dictionaries;
    private long jsonBytes;
    private long points;

    ScaleOthers(Path folder) throws IOException {
        this.folder = folder;
        plain = writer(folder.resolve("plain.parquet"), false);
        dictionaries = writer(folder.resolve("dictionaries.parquet"), true);
    }

    private static ParquetWriter<Group> writer(Path file, boolean dictionaries) throws IOException {
        return ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(SEED)
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.SNAPPY)
                .withDictionaryEncoding(dictionaries)
                .build();
    }

    void add(Batch batch) throws IOException {
        var out = new ByteWriter(1 << 20);
        encoder.encode(batch, out);
        jsonBytes += out.size() + 1L;
        points += batch.size();
        for (int i = 0; i < batch.numbers.size(); i++) {
            row(batch.numbers, i, batch.numbers.value(i));
        }
        for (int i = 0; i < batch.histograms.size(); i++) {
            row(batch.histograms, i, batch.histograms.sum[i] / batch.histograms.count[i]);
        }
    }

    private void row(Points of, int i, double value) throws IOException {
        Series series = of.series[i];
        WellKnown known = series.wellKnown();
        ZonedDateTime time = Instant.ofEpochSecond(0, of.time[i]).atZone(ZoneOffset.UTC);
        Group row = new SimpleGroup(SEED);
        row.append("timestamp", of.time[i] / 1_000_000)
                .append("metric_name", series.metric().name())
                .append("metric_value", value)
                .append("metric_type", series.metric().type().name().toLowerCase(Locale.ROOT))
                .append("http_method", known.httpMethod())
                .append("http_route", known.httpRoute())
                .append("http_status_code", known.httpStatusCode())
                .append("environment", known.environment())
                .append("data_plane_id", known.dataPlaneId())
                .append("service_name", known.serviceName())
                .append("cluster_id", known.clusterId())
                .append("region", known.region())
                .append("year", time.getYear())
                .append("month", time.getMonthValue())
                .append("day", time.getDayOfMonth())
                .append("hour", time.getHour());
        plain.write(row);
        dictionaries.write(row);
    }

    /// Prints bytes a point, and how often as many that is.
    void report(double bytesPerPoint) throws IOException {
        plain.close();
        dictionaries.close();
        System.out.printf("of %,d points, bytes a point:%n", points);
        line("lake, compacted", bytesPerPoint, bytesPerPoint);
        line("OTLP/JSON", jsonBytes / (double) points, bytesPerPoint);
        line("seed's Parquet, Snappy, plain", size("plain.parquet"), bytesPerPoint);
        line("seed's Parquet, Snappy, dictionaries", size("dictionaries.parquet"), bytesPerPoint);
    }

    private double size(String file) throws IOException {
        return Files.size(folder.resolve(file)) / (double) points;
    }

    private static void line(String what, double bytes, double lake) {
        System.out.printf("  %-38s %8.2f  %6.1f times%n", what, bytes, bytes / lake);
    }

    @Override
    public void close() throws IOException {
        plain.close();
        dictionaries.close();
    }
}
