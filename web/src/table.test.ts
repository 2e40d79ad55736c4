import { expect, test } from 'vitest';
import { lines, mistake, rowsOf } from './table';

const TABLE = {
  meta: [
    { name: 'hour', type: "DateTime('UTC')" },
    { name: 'environment', type: 'LowCardinality(String)' },
    { name: 'points', type: 'UInt64' },
  ],
  data: [
    ['1970-01-01 01:00:00', 'prod', '7'],
    ['1970-01-01 00:00:00', 'prod', '5'],
    ['1970-01-01 00:00:00', 'qa', null],
  ],
};

test('a time, a text and a number make a line for each text', () => {
  expect(lines(TABLE)).toEqual({
    times: [0, 3_600],
    lines: [
      { name: 'prod', labels: { environment: 'prod' }, values: [5, 7] },
      { name: 'qa', labels: { environment: 'qa' }, values: [null, null] },
    ],
  });
});

test('a point leads to its rows of the same statement', () => {
  const [line] = lines(TABLE)?.lines ?? [];
  expect(rowsOf('SELECT 1 -- one\n;', TABLE, line ?? { name: '', values: [] }, 3_600)).toBe(`SELECT * FROM (
SELECT 1 -- one

) WHERE toDateTime64("hour", 3, 'UTC') = toDateTime64(3600, 3, 'UTC') AND toString("environment") = 'prod'`);
});

test('without a time there is no chart', () => {
  expect(lines({ meta: [{ name: 'n', type: 'UInt8' }], data: [[1]] })).toBeNull();
});

test('a mistake is found by line and column, or by its position', () => {
  expect(mistake('Syntax error: failed at position 12 (x) (line 2, col 3): x', 'SELECT 1\nFROMM x')).toBe(11);
  expect(mistake('Syntax error: failed at position 8 (x): x', 'SELECT x y z')).toBe(7);
  expect(mistake('Unknown table', 'SELECT')).toBeNull();
});
