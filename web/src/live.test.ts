import { expect, test } from 'vitest';
import type { LiveEvent, Requests } from './api';
import { flowing, lastMinute, merged } from './live';
import { grid } from './series';

function event(now: number, windows: LiveEvent['windows'], more: Partial<LiveEvent> = {}): LiveEvent {
  return { whole: false, now, since: 0, resolution: 10, planes: [], windows, figures: {}, ...more };
}

const ANSWER: Requests = {
  from: 600, to: 1_000, now: 1_000, resolution: 300, complete: true, sql: '',
  keys: ['start', 'environment', 'data_plane_id'],
  rows: [[600, 'prod', 'a', 300, 3, 30, 0.1, 0.2, 0.3], [900, 'prod', 'a', 90, 0, 9, 0.1, 0.2, 0.3]],
};

test('an event changes what it names and keeps the rest; a whole one replaces all', () => {
  const first = merged(null, event(1_000, [[990, 'prod', 'a', 5, 1]], { planes: [['prod', 'a', 998]] }));
  const second = merged(first, event(1_001, [[990, 'prod', 'a', 7, 1], [990, 'qa', '', 1, 0]]));
  expect(second.newest.get('prod / a')).toBe(998);
  expect([...second.windows.values()].map(({ row }) => row[3])).toEqual([7, 1]);
  expect(merged(second, event(1_002, [], { whole: true })).windows.size).toBe(0);
  expect(merged(second, event(1_601, [])).windows.size).toBe(0);
});

test('live windows flow into history: what is not there comes, what has grown grows, nothing shrinks', () => {
  const live = merged(null, event(1_205, [[610, 'prod', 'a', 5, 5], [1_190, 'prod', 'a', 100, 2], [1_000, 'prod', 'a', 50, 1], [1_200, 'prod', 'a', 4, 0]]));
  const rows = flowing(ANSWER, live).rows;
  expect(rows).toEqual([
    [600, 'prod', 'a', 300, 3, 30, 0.1, 0.2, 0.3],
    [900, 'prod', 'a', 150, 3, 9, 0.1, 0.2, 0.3],
    [1_200, 'prod', 'a', 4, 0, 0, null, null, null],
  ]);
  expect(grid(flowing(ANSWER, live), 1_205).times).toEqual([600, 900]);
  expect(flowing(ANSWER, live, 'qa').rows).toEqual(ANSWER.rows);
  expect(flowing({ ...ANSWER, resolution: 3_600 }, live).rows).toEqual(ANSWER.rows);
});

test('the last minute is told once it was seen as a whole', () => {
  const all = () => true;
  const windows: LiveEvent['windows'] = [[930, 'prod', 'a', 1_000, 0], [940, 'prod', 'a', 60, 6], [990, 'prod', 'a', 60, 0], [1_000, 'prod', 'a', 9, 9]];
  expect(lastMinute(merged(null, event(1_003, windows)), all)).toEqual({ rate: 2, errors: 0.05 });
  expect(lastMinute(merged(null, event(1_003, windows, { since: 950 })), all)).toBeNull();
  expect(lastMinute(null, all)).toBeNull();
});
