import { Link } from '@tanstack/react-router';
import type { Line } from './Chart';
import { time } from './format';
import { useHeld } from './queries';
import { kept, usePage } from './search';
import { behind, type Labels } from './series';

/** What a chart was drawn from, which its points lead to. */
export interface Origin {
  /** Absent where the chart is the answer to what stands above it. */
  sql?: string;
  /** What the way to a point's own statement is called. */
  name: string;
  /** The statement of what one point was made of. */
  of: (line: Line, when: number) => string;
  /** Whether that is PromQL, which people ask who see some environments only, too. */
  promql?: true;
}

/** Of charts of requests: a point leads to the series of its window, of `resolution` seconds; `filter` holds of all lines. */
export function ofRequests(sql: string, resolution: number, filter: Labels): Origin {
  return {
    sql,
    name: 'Its series',
    of: (line, when) => behind({ ...filter, ...line.labels }, when - (line.before ?? 0), resolution),
  };
}

/** The next point there is, earlier or later. */
export function beside(values: (number | null)[], at: number, step: -1 | 1): number {
  for (let next = at + step; next >= 0 && next < values.length; next += step) {
    if ((values[next] ?? null) !== null) return next;
  }
  return at;
}

/** The line whose point at a place is nearest to a value; null where there is none. */
export function nearest(lines: Line[], at: number, value: number): number | null {
  let best: number | null = null;
  lines.forEach((line, index) => {
    const there = line.values[at] ?? null;
    const before = best === null ? null : (lines[best]?.values[at] ?? null);
    if (there !== null && (before === null || Math.abs(there - value) < Math.abs(before - value))) best = index;
  });
  return best;
}

/** A point that somebody chose, and the ways from it. */
export function Point({ line, at, when, zone, format, origin, go, close }: {
  line: Line;
  at: number;
  /** Start of its window. */
  when: number;
  zone: string;
  format: (value: number | null | undefined) => string;
  origin: Origin;
  go: (at: number) => void;
  close: () => void;
}) {
  const { search } = usePage();
  const held = useHeld();
  const own = origin.of(line, when);
  return (
    <div className="point" role="group" aria-label="A point" onKeyDown={({ key }) => key === 'Escape' && close()}>
      <button type="button" aria-label="The point before" onClick={() => go(beside(line.values, at, -1))}>‹</button>
      <button type="button" aria-label="The point after" onClick={() => go(beside(line.values, at, 1))}>›</button>
      <span role="status">{line.name} · {time(when - (line.before ?? 0), zone)} · <b>{format(line.values[at])}</b></span>
      {(origin.promql || !held) && (
        <Link to="/explore" search={{ ...kept(search), ...(origin.promql ? { lang: 'promql', view: 'table', promql: own } : { sql: own }) }}>
          {origin.name}
        </Link>
      )}
      {!held && origin.sql !== undefined && <Link to="/explore" search={{ ...kept(search), sql: origin.sql }}>The chart’s SQL</Link>}
      <button type="button" aria-label="Close" onClick={close}>×</button>
    </div>
  );
}
