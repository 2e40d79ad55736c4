import { expect, test } from 'vitest';
import aggregations from '../../server/src/main/java/dev/firn/query/promql/lang/AggregateOp.java?raw';
import functions from '../../server/src/main/java/dev/firn/query/promql/lang/Function.java?raw';
import { AGGREGATIONS, FUNCTIONS, promAt, promLines, promMistake, promRows, seriesName, step } from './promql';

test('functions and aggregations are those of the server that need no flag', () => {
  const told = functions.split('"""')[1]?.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('!')) ?? [];
  expect(FUNCTIONS).toEqual(told.map((line) => line.trim().split(/\s+/)[1]));
  const names = /enum AggregateOp \{([^;]*);/.exec(aggregations)?.[1]?.split(',').map((name) => name.trim().toLowerCase());
  expect([...AGGREGATIONS, 'limitk', 'limit_ratio']).toEqual(names);
});

test('a range has some hundred steps at a round distance', () => {
  expect([300, 21_600, 2_592_000, 157_680_000].map(step)).toEqual([5, 120, 14_400, 604_800]);
});

test('a series is written as PromQL has it', () => {
  expect(seriesName({ __name__: 'up' })).toBe('up');
  expect(seriesName({ __name__: 'up', job: 'a"b' })).toBe('up{job="a\\"b"}');
  expect(seriesName({ job: 'a' })).toBe('{job="a"}');
  expect(seriesName({})).toBe('{}');
});

test('an expression is asked at a time', () => {
  expect(promAt('sum(rate(x[5m])) # all', 70)).toBe('last_over_time((sum(rate(x[5m])) # all\n)[1s:1s] @ 70)');
});

test('steps without a point are gaps, and what is no number is none', () => {
  const data = { resultType: 'matrix' as const, result: [{ metric: { job: 'a' }, values: [[10, '1'], [30, 'NaN'], [40, '4']] as [number, string][] }] };
  expect(promLines(data, 10, 40, 10)).toEqual({ times: [10, 20, 30, 40], lines: [{ name: '{job="a"}', values: [1, null, null, 4] }] });
  expect(promRows(data)).toEqual({ labels: ['job'], rows: [['a', '4']] });
  expect(promRows({ resultType: 'scalar', result: [1, '7'] })).toEqual({ labels: [], rows: [['7']] });
});

test('the mistake is where Prometheus says', () => {
  expect(promMistake('invalid parameter "query": 1:5: parse error: unexpected', 'sum(')).toBe(4);
  expect(promMistake('2:3: parse error: x', 'a\nbcde')).toBe(4);
  expect(promMistake('the engine is away', 'up')).toBeNull();
});
