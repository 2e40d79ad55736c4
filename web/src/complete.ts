/** What may come at a place of a text: it stands in for the characters from `from` to the caret. */
export interface Suggestions {
  from: number;
  words: string[];
}

const SHOWN_MAX = 8;

/** Words that begin like what was written, then those that have it inside. */
export function fitting(words: Iterable<string>, written: string): string[] {
  const wanted = written.toLowerCase();
  const begin: string[] = [];
  const inside: string[] = [];
  for (const word of words) {
    const at = word.toLowerCase().indexOf(wanted);
    if (at === 0 && word !== written) begin.push(word);
    else if (at > 0) inside.push(word);
  }
  return [...new Set([...begin, ...inside])].slice(0, SHOWN_MAX);
}

/** The statement's word before the caret; nothing inside a text or after a point of a number. */
export function sqlWord(text: string, caret: number): { from: number; written: string } | null {
  const before = text.slice(0, caret);
  if ((before.match(/'/g)?.length ?? 0) % 2 === 1) return null;
  const written = /[A-Za-z_][A-Za-z0-9_]*$/.exec(before)?.[0] ?? '';
  return written === '' ? null : { from: caret - written.length, written };
}

/** What stands at the caret of a PromQL expression. */
export type PromPlace =
  | { kind: 'name'; from: number; written: string }
  | { kind: 'label'; from: number; written: string; metric: string }
  | { kind: 'value'; from: number; written: string; metric: string; label: string };

export function promPlace(text: string, caret: number): PromPlace | null {
  const before = text.slice(0, caret);
  const open = before.lastIndexOf('{');
  if (open > before.lastIndexOf('}')) return inSelector(text, before, open, caret);
  const grouped = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)$/.exec(before);
  const written = /[A-Za-z_:][A-Za-z0-9_:.]*$/.exec(before)?.[0] ?? '';
  const from = caret - written.length;
  if (grouped !== null) return { kind: 'label', from, written, metric: '' };
  return written === '' || /["'`]/.test(before.at(from - 1) ?? '') ? null : { kind: 'name', from, written };
}

function inSelector(text: string, before: string, open: number, caret: number): PromPlace | null {
  const metric = /[A-Za-z_:][A-Za-z0-9_:]*\s*$/.exec(text.slice(0, open))?.[0].trim() ?? '';
  const inside = before.slice(open + 1);
  const value = /([A-Za-z_][A-Za-z0-9_]*)\s*(?:=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)$/.exec(inside);
  if (value !== null) {
    const written = value[2] ?? '';
    return { kind: 'value', from: caret - written.length, written, metric, label: value[1] ?? '' };
  }
  const label = /(?:^|,)\s*([A-Za-z_][A-Za-z0-9_]*)?$/.exec(inside);
  if (label === null) return null;
  const written = label[1] ?? '';
  return { kind: 'label', from: caret - written.length, written, metric };
}
