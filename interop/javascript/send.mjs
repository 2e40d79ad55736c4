// Pushes metrics with the OpenTelemetry JavaScript SDK into a running Firn over one of its three OTLP exporters, then
// asks Firn for every value back. Usage: node send.mjs {proto|json|grpc} OTLP-URL FIRN-URL
import assert from 'node:assert/strict';
import { AggregationTemporality, AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { OTLPMetricExporter as ProtoExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as GrpcExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';

const [kind, otlp, firn] = process.argv.slice(2);
const service = `js-${kind}`;

async function ask(sql) {
  const answer = await fetch(`${firn}/api/firn/v1/sql?format=JSONEachRow`, { method: 'POST', body: sql });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

async function eventually(sql, check) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const rows = await ask(sql);
    try {
      check(rows);
      return rows;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function exporter(temporality) {
  const options = { temporalityPreference: temporality };
  switch (kind) {
    case 'proto':
      return new ProtoExporter({ ...options, url: `${otlp}/v1/metrics`, compression: 'gzip' });
    case 'json':
      return new JsonExporter({ ...options, url: `${otlp}/v1/metrics` });
    case 'grpc':
      return new GrpcExporter({ ...options, url: otlp });
    default:
      throw new Error(`unknown exporter ${kind}`);
  }
}

async function push(temporality, name) {
  const provider = new MeterProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'deployment.environment.name': name,
      'k8s.cluster.name': 'c1',
      'int.attribute': 1,
      'text.attribute': '1',
      'list.attribute': ['a', 'b'],
    }),
    views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 160 } } }],
    readers: [new PeriodicExportingMetricReader({ exporter: exporter(temporality), exportIntervalMillis: 3_600_000 })],
  });
  const meter = provider.getMeter('interop', '1.2.3');
  meter.createCounter('counter', { unit: '{request}', description: 'requests' }).add(7, { 'http.route': '/cart', 'http.status_code': 200 });
  meter.createUpDownCounter('updown').add(-3);
  meter.createGauge('gauge', { unit: 'Cel' }).record(21.5);
  const histogram = meter.createHistogram('histogram', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1, 10] } });
  [0.05, 0.5, 0.7, 20].forEach((value) => histogram.record(value));
  const exponential = meter.createHistogram('exponential');
  [0, 1, 2, 4, 1000].forEach((value) => exponential.record(value));
  await provider.forceFlush();
  await provider.shutdown();
}

await push(AggregationTemporality.CUMULATIVE, 'cumulative');
await push(AggregationTemporality.DELTA, 'delta');

const where = `service_name = '${service}'`;
await eventually(`SELECT count() AS n FROM series WHERE ${where}`, ([row]) => assert.equal(Number(row.n), 10));
for (const temporality of ['cumulative', 'delta']) {
  const numbers = await eventually(
    `SELECT s.metric_name AS name, s.unit AS unit, s.http_route AS route, s.http_status_code AS status, s.temporality AS temporality,
            s.cluster_id AS cluster, max(p.value) AS value, count() AS n
     FROM samples AS p JOIN series AS s USING (metric_id, series_id) WHERE s.${where} AND s.environment = '${temporality}'
     GROUP BY ALL ORDER BY name`,
    (rows) => assert.deepEqual(rows.map((row) => row.name), ['counter', 'gauge', 'updown']),
  );
  const [counter, gauge, updown] = numbers;
  assert.equal(counter.value, 7);
  assert.equal(counter.unit, '{request}');
  assert.equal(counter.route, '/cart');
  assert.equal(counter.status, '200');
  assert.equal(counter.temporality, temporality);
  assert.equal(counter.cluster, 'c1');
  assert.equal(gauge.value, 21.5);
  assert.equal(updown.value, -3);
  const [histogram] = await eventually(
    `SELECT toString(h.count) AS count, h.sum AS sum, h.min AS min, h.max AS max, h.bounds AS bounds, arrayMap(c -> toUInt32(c), h.bucket_counts) AS counts
     FROM histograms AS h JOIN series AS s USING (metric_id, series_id) WHERE s.${where} AND s.environment = '${temporality}' LIMIT 1`,
    (rows) => assert.equal(rows.length, 1),
  );
  assert.equal(histogram.count, '4');
  assert.equal(histogram.sum, 21.25);
  assert.equal(histogram.min, 0.05);
  assert.equal(histogram.max, 20);
  assert.deepEqual(histogram.bounds, [0.1, 1, 10]);
  assert.deepEqual(histogram.counts, [1, 2, 0, 1]);
  const [exponential] = await eventually(
    `SELECT toString(e.count) AS count, e.sum AS sum, toUInt32(e.zero_count) AS zeros, toUInt32(arraySum(e.positive_counts)) AS positive
     FROM exponential_histograms AS e JOIN series AS s USING (metric_id, series_id) WHERE s.${where} AND s.environment = '${temporality}' LIMIT 1`,
    (rows) => assert.equal(rows.length, 1),
  );
  assert.equal(exponential.count, '5');
  assert.equal(exponential.sum, 1007);
  assert.equal(exponential.zeros, 1);
  assert.equal(exponential.positive, 4);
}
const [resource] = await ask(`SELECT resource AS r FROM series WHERE ${where} LIMIT 1`);
assert.match(JSON.stringify(resource.r), /1/);
console.log(`${kind}: every value came back`);
