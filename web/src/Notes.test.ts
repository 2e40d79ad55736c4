import { expect, test } from 'vitest';
import { matchers, moment } from './Notes';

test('what is about all fits, and values are no expressions', () => {
  expect(matchers({ environment: 'prod', service_name: undefined })).toBe('environment=~"prod|"');
  expect(matchers({ environment: 'a.b"c' })).toBe('environment=~"a\\\\.b\\"c|"');
});

test('times are of UTC unless they say otherwise', () => {
  expect(moment('')).toBeNull();
  expect(moment('2026-11-01 12:00')).toBe('2026-11-01T12:00:00.000Z');
  expect(moment('2026-11-01T12:00:00+01:00')).toBe('2026-11-01T11:00:00.000Z');
  expect(() => moment('noon')).toThrow('is no time like');
});
