import { expect, test } from 'vitest';
import { panned, stays, zoomed } from './zoom';

test('a span pans along the whole and stops at its ends', () => {
  expect(panned([20, 40], [0, 100], 15)).toEqual([35, 55]);
  expect(panned([20, 40], [0, 100], -50)).toEqual([0, 20]);
  expect(panned([20, 40], [0, 100], 500)).toEqual([80, 100]);
  expect(panned([0, 100], [0, 100], 10)).toEqual([0, 100]);
});

test('zooming leaves what is under the pointer where it is', () => {
  const [from, to] = zoomed([0, 100], [0, 100], 25, 0.5);
  expect([from, to]).toEqual([12.5, 62.5]);
  expect((25 - from) / (to - from)).toBe(0.25);
});

test('zooming out ends at the whole, zooming in before nothing is left', () => {
  expect(zoomed([90, 100], [0, 100], 100, 4)).toEqual([60, 100]);
  expect(zoomed([0, 60], [0, 100], 30, 4)).toEqual([0, 100]);
  const [from, to] = zoomed([50, 50.02], [0, 100], 50, 0.01);
  expect(to - from).toBeCloseTo(0.01);
});

test('a part stays while the whole moves on, not when it is another range', () => {
  const part = { span: [40, 60], whole: [0, 100] } as const;
  expect(stays(part, [2, 102])).toBe(true);
  expect(stays(part, [70, 170])).toBe(false);
  expect(stays(part, [-300, 100])).toBe(false);
});
