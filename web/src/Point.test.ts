import { expect, test } from 'vitest';
import { beside, nearest } from './Point';
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
