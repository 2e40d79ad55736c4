import { expect, test } from 'vitest';
import { fitting, promPlace, sqlWord } from './complete';

const at = (text: string) => promPlace(text.replace('|', ''), text.indexOf('|'));

test('words that begin so come before those that have it inside, and what is written is none', () => {
  expect(fitting(['series', 'v_series', 'samples', 'SERVICE'], 'ser')).toEqual(['series', 'SERVICE', 'v_series']);
  expect(fitting(['rate'], 'rate')).toEqual([]);
});

test('a statement has words outside its texts', () => {
  expect(sqlWord('SELECT met', 10)).toEqual({ from: 7, written: 'met' });
  expect(sqlWord("WHERE a = 'met", 14)).toBeNull();
  expect(sqlWord('SELECT ', 7)).toBeNull();
});

test('an expression has names, labels and values where they belong', () => {
  expect(at('sum(ra|')).toEqual({ kind: 'name', from: 4, written: 'ra' });
  expect(at('up{jo|}')).toEqual({ kind: 'label', from: 3, written: 'jo', metric: 'up' });
  expect(at('up{job="a",in|')).toEqual({ kind: 'label', from: 11, written: 'in', metric: 'up' });
  expect(at('up{job=~"a|"}')).toEqual({ kind: 'value', from: 9, written: 'a', metric: 'up', label: 'job' });
  expect(at('up{|}')).toEqual({ kind: 'label', from: 3, written: '', metric: 'up' });
  expect(at('sum by (jo|) (up)')).toEqual({ kind: 'label', from: 8, written: 'jo', metric: '' });
  expect(at('up{job="a"} + |')).toBeNull();
  expect(at('up{job="a"|}')).toBeNull();
});
