import { expect, test } from 'vitest';
import { traceLink } from './Traces';

test('a trace is linked where its address was said, and only to pages', () => {
  expect(traceLink('https://traces.example/{trace_id}?x', 'ab/c')).toBe('https://traces.example/ab%2Fc?x');
  expect(traceLink('javascript:{trace_id}', 'ab')).toBeNull();
  expect(traceLink('', 'ab')).toBeNull();
});
