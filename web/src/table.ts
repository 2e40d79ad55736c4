import type { Table } from './api';
import type { Line } from './Chart';
import { conditions } from './series';

const TIMES = /^(Nullable\()?(LowCardinality\()?Date/;
const NUMBERS = /^(Nullable\()?(LowCardinality\()?(U?Int|Float|Decimal)/;
const POINTS_MAX = 50_000;

/** A table as lines: over its first time, a line for each number and each text beside it; null where there is no time. */
export function lines(table: Table): { times: number[]; lines: Line[] } | null {
  const at = table.meta.findIndex((column) => TIMES.test(column.type));
  const numbers = places(table, (type) => NUMBERS.test(type));
  if (at < 0 || numbers.length === 0) return null;
  const texts = places(table, (type) => !NUMBERS.test(type) && !TIMES.test(type));
  const rows = table.data.slice(0, POINTS_MAX);
  const times = [...new Set(rows.map((row) => seconds(row[at])))].filter(Number.isFinite).sort((a, b) => a - b);
  const place = new Map(times.map((each, index) => [each, index]));
  const found = new Map<string, Line>();
  for (const row of rows) {
    const index = place.get(seconds(row[at]));
    if (index === undefined) continue;
    const label = texts.map((text) => String(row[text])).join(' / ');
    for (const column of numbers) {
      const measure = table.meta[column]?.name ?? '';
      const name = label === '' ? measure : numbers.length === 1 ? label : `${label} ${measure}`;
      let line = found.get(name);
      if (line === undefined) {
        const told = texts.filter((text) => typeof row[text] === 'string');
        const labels = Object.fromEntries(told.map((text) => [table.meta[text]?.name ?? '', String(row[text])]));
        line = { name, labels, values: new Array<number | null>(times.length).fill(null) };
        found.set(name, line);
      }
      const value = row[column] === null ? Number.NaN : Number(row[column]);
      line.values[index] = Number.isFinite(value) ? value : null;
    }
  }
  return { times, lines: [...found.values()] };
}

/** The rows of a statement's answer that a point of its chart is. */
export function rowsOf(sql: string, table: Table, line: Line, when: number): string {
  const column = (name: string) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const at = table.meta.find(({ type }) => TIMES.test(type))?.name ?? '';
  const labels = Object.fromEntries(Object.entries(line.labels ?? {}).map(([name, value]) => [`toString(${column(name)})`, value]));
  const fitting = conditions(labels);
  return `SELECT * FROM (
${sql.trim().replace(/;$/, '')}
) WHERE toDateTime64(${column(at)}, 3, 'UTC') = toDateTime64(${when}, 3, 'UTC')${fitting && ` AND ${fitting}`}`;
}

function places(table: Table, fits: (type: string) => boolean): number[] {
  return table.meta.flatMap((column, index) => (fits(column.type) ? [index] : []));
}

/** The engine writes times in UTC. */
function seconds(value: unknown): number {
  const text = String(value);
  return Date.parse(text.length === 10 ? `${text}T00:00:00Z` : `${text.replace(' ', 'T')}Z`) / 1_000;
}

/** Where in a statement the engine found the mistake: a 0-based place, or null. */
export function mistake(message: string, statement: string): number | null {
  const found = /\(line (\d+), col (\d+)\)/.exec(message);
  if (found !== null) {
    const before = statement.split('\n').slice(0, Number(found[1]) - 1);
    return Math.min(statement.length, before.join('\n').length + Math.min(1, before.length) + Number(found[2]) - 1);
  }
  const position = /failed at position (\d+)/.exec(message);
  return position === null ? null : Math.min(statement.length, Number(position[1]) - 1);
}
