import { expect, test } from 'vitest';
import { meant, written } from './Past';

test('a time goes into the field and comes back', () => {
  for (const tz of ['utc', 'local'] as const) {
    expect(meant(written('2026-11-26T10:00:07Z', tz), tz)).toBe('2026-11-26T10:00:07Z');
  }
  expect(written('2026-11-26T10:00:07Z', 'utc')).toBe('2026-11-26T10:00:07');
  expect(meant('', 'utc')).toBeUndefined();
});
