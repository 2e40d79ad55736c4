import { expect, test } from 'vitest';
import { bytes, duration, number, percent, time } from './format';

test('numbers keep three digits that matter', () => {
  expect([0, 0.01234, 1.234, 12.34, 123.4, 9_999, 12_345, 1_234_567].map(number)).toEqual([
    '0', '0.012', '1.23', '12.3', '123', '9999', '12.3 k', '1.2 M',
  ]);
  expect(number(null)).toBe('–');
  expect(number(Number.NaN)).toBe('–');
});

test('shares never round to a whole that they are not', () => {
  expect(percent(0.9999)).toBe('99.99 %');
  expect(percent(0.99999)).toBe('99.999 %');
  expect(percent(1)).toBe('100 %');
  expect(percent(0.0025)).toBe('0.25 %');
});

test('durations choose their unit', () => {
  expect([0.0012, 0.25, 1.5, 59, 600, 9_000, 200_000].map(duration)).toEqual([
    '1.2 ms', '250 ms', '1.50 s', '59 s', '10 min', '2.5 h', '2.3 d',
  ]);
});

test('a time names its zone where it is UTC', () => {
  expect(time(0, 'UTC')).toBe('1970-01-01 00:00:00 UTC');
});

test('bytes are binary', () => {
  expect([12, 2048, 5 * 1024 ** 3].map(bytes)).toEqual(['12 B', '2.0 KiB', '5.0 GiB']);
});
