import { expect, test } from 'vitest';
import { beside, nearest, ofRequests } from './Point';
import { origin as ofBands } from './pages/Anomalies';
import { origin as ofForecast } from './pages/Forecast';
import { behind } from './series';

const LINES = [
  { name: 'a', values: [1, null, 3] },
  { name: 'b', values: [10, 5, null] },
];

test('a click finds the line that is nearest, of those that have a point there', () => {
  expect([nearest(LINES, 0, 4), nearest(LINES, 0, 7), nearest(LINES, 1, 0), nearest(LINES, 2, 99)]).toEqual([0, 1, 1, 0]);
  expect(nearest([{ name: 'none', values: [null] }], 0, 1)).toBeNull();
});

test('the next point passes over gaps, and stays at the end', () => {
  expect([beside([1, null, 3], 0, 1), beside([1, null, 3], 2, -1), beside([1, null], 0, 1)]).toEqual([2, 0, 0]);
});

test('a point leads to the rows that it was made of', () => {
  const sql = behind({ environment: "it's", service_name: undefined }, 600, 300);
  expect(sql).toContain('FROM rollup_5m_now_distributions');
  expect(sql).toContain("toDateTime(600, 'UTC') AND r.time < toDateTime(900, 'UTC')");
  expect(sql).toContain("AND l.environment = 'it\\'s'");
  expect(sql).not.toContain('l.service_name =');
});

test('a point of short windows is the minute up to its end', () => {
  expect(behind({}, 650, 10)).toContain('rollup_fine_requests(from = 600, to = 660, window = 10)');
});

test('a line of a week before leads to the series of then', () => {
  const { of } = ofRequests('', 300, { environment: 'prod' });
  expect(of({ name: 'a', values: [], labels: { service_name: 'shop' }, before: 600 }, 1_200)).toBe(
    behind({ environment: 'prod', service_name: 'shop' }, 600, 300),
  );
});

test('a band of requests leads to series, another one to what was told of it', () => {
  const line = { name: 'actual', values: [] };
  const subject = { environment: 'prod', service_name: 'shop' };
  expect(ofBands('latency_p95', subject).of(line, 600)).toBe(behind(subject, 600, 300));
  expect(ofBands('plane_volume', { environment: 'prod' }).of(line, 600)).toContain(
    "FROM anomalies FINAL\nWHERE signal = 'plane_volume' AND environment = 'prod' AND time = toDateTime(600, 'UTC')",
  );
});

test('a forecast leads to all that was forecast of its time', () => {
  const { sql, of } = ofForecast({
    signal: 'requests', step: 'hour', environment: 'prod', service_name: '', issued_at: '1970-01-01T00:10:00Z', model: '', values: [],
    forecasts_judged: 0, covered80: null, covered95: null,
  });
  expect(sql).toContain("service_name = '' AND issued_at = toDateTime(600, 'UTC')");
  expect(of({ name: 'forecast', values: [] }, 7_200)).toContain("target_time = toDateTime(7200, 'UTC')");
});
