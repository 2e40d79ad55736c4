import { expect, test } from 'vitest';
import type { Latencies, Requests } from './api';
import { grid, heat, lower, totals, WEEK, weekBefore } from './series';

const ANSWER: Requests = {
  from: 0,
  to: 1_000,
  now: 1_000,
  resolution: 300,
  complete: true,
  sql: '',
  keys: ['start', 'environment'],
  rows: [
    [0, 'prod', 300, 3, 30, 0.1, 0.2, 0.3],
    [600, 'prod', 600, 0, 60, 0.1, null, 0.3],
    [900, 'prod', 9, 0, 1, 0.1, 0.2, 0.3],
    [300, 'qa', 1, 0, 1, 0.1, 0.2, 0.3],
  ],
};

test('a window without points is a gap, not a zero', () => {
  expect(grid(ANSWER, 1_000).groups.map((group) => [group.name, group.requests])).toEqual([
    ['prod', [300, null, 600, 9]],
    ['qa', [null, 1, null, null]],
  ]);
});

test('the open window counts the seconds that it has; a younger one is left out', () => {
  expect(grid(ANSWER, 1_000).seconds).toEqual([300, 300, 300, 100]);
  expect(grid(ANSWER, 930).times).toEqual([0, 300, 600]);
});

test('short windows stand for the minute up to them', () => {
  const row = (at: number, requests: number, errors: number) => [at, 'prod', requests, errors, 0, 0.1, at / 1_000, 0.3];
  const answer = { ...ANSWER, resolution: 10, to: 150, rows: [row(0, 60, 0), row(50, 60, 6), row(60, 30, 0)] };
  const found = grid(answer, 141);
  expect(found.times).toEqual([50, 60, 70, 80, 90, 100, 110, 120, 130]);
  expect(found.groups[0]?.requests).toEqual([20, 15, 15, 15, 15, 15, 5, null, null]);
  expect(found.groups[0]?.errors.slice(0, 2)).toEqual([1, 1]);
  expect(found.groups[0]?.quantiles['95'].slice(0, 3)).toEqual([0.05, 0.06, 0.06]);
});

test('an unknown quantile stays unknown', () => {
  expect(grid(ANSWER, 1_000).groups[0]?.quantiles['95'][2]).toBeNull();
});

test('windows of a week before lie under those of now, what is beyond them is left out', () => {
  const charted = grid({ ...ANSWER, from: WEEK + 300, to: WEEK + 900, rows: [] }, Infinity);
  expect(charted.times).toEqual([WEEK + 300, WEEK + 600]);
  expect(weekBefore(ANSWER, charted).map((group) => [group.name, group.requests])).toEqual([
    ['prod', [null, 600]],
    ['qa', [1, null]],
  ]);
  expect(weekBefore({ ...ANSWER, resolution: 3_600 }, charted)).toEqual([]);
});

test('totals keep their labels in order', () => {
  const answer = { ...ANSWER, keys: ['environment', 'data_plane_id'], rows: [['a', 'b', 2, 1, 3, 4, 5, null]] };
  expect(totals(answer)).toEqual([
    { labels: ['a', 'b'], requests: 2, errors: 1, p50: 4, p95: 5, p99: null },
  ]);
});

test('requests stand in the half octave of their duration', () => {
  const answer: Latencies = { ...ANSWER, rows: [[0, -7, 30], [0, -6, 12], [600, -40, 3], [600, -2, 4]] };
  const found = heat(answer, 1_000);
  expect(found.times).toEqual([0, 300, 600, 900]);
  expect(found.counts.map((window) => [...window])).toEqual([[[-7, 30], [-6, 12]], [], [[-8, 3], [-2, 4]], []]);
  expect([found.low, found.less, found.high, found.most]).toEqual([-8, true, -2, 30]);
  expect(lower(-6)).toBe(0.125);
  expect(lower(-7)).toBeLessThan(0.1);
});
