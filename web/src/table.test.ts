import { expect, test } from 'vitest';
import { lines, mistake } from './table';

test('a time, a text and a number make a line for each text', () => {
  const table = {
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
  expect(lines(table)).toEqual({
    times: [0, 3_600],
    lines: [
      { name: 'prod', values: [5, 7] },
      { name: 'qa', values: [null, null] },
    ],
  });
});

test('without a time there is no chart', () => {
  expect(lines({ meta: [{ name: 'n', type: 'UInt8' }], data: [[1]] })).toBeNull();
});

test('a mistake is found by line and column, or by its position', () => {
  expect(mistake('Syntax error: failed at position 12 (x) (line 2, col 3): x', 'SELECT 1\nFROMM x')).toBe(11);
  expect(mistake('Syntax error: failed at position 8 (x): x', 'SELECT x y z')).toBe(7);
  expect(mistake('Unknown table', 'SELECT')).toBeNull();
});
