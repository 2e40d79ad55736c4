import { expect, test } from 'vitest';
import { calendar } from './QualityDays';
import { budgets } from './Slos';

test('days go across, planes down', () => {
  const { days, planes } = calendar([
    ['prod', 'eu', '2026-01-02', 90, 'gaps'],
    ['prod', 'us', '2026-01-02', 100, ''],
    ['prod', 'eu', '2026-01-01', 100, ''],
  ]);
  expect(days).toEqual(['2026-01-01', '2026-01-02']);
  expect(planes.map((one) => one.plane)).toEqual(['eu', 'us']);
  expect(planes[0]?.days.get('2026-01-02')).toEqual({ score: 90, checks: 'gaps' });
  expect(planes[1]?.days.has('2026-01-01')).toBe(false);
});

test('budgets are lines over the hours there are, the least left first', () => {
  expect(budgets([
    [7_200, 'fast', '', 0.5],
    [3_600, 'good', '{"a":"b"}', 0.25],
    [7_200, 'good', '{"a":"b"}', null],
  ])).toEqual({
    times: [3_600, 7_200],
    lines: [
      { name: 'good {"a":"b"}', values: [0.25, null] },
      { name: 'fast', values: [null, 0.5] },
    ],
  });
});
