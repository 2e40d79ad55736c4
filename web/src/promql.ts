import type { Line } from './Chart';

/** What Prometheus' API answers. */
export type PromData =
  | { resultType: 'matrix'; result: { metric: Record<string, string>; values?: [number, string][]; histograms?: unknown[] }[] }
  | { resultType: 'vector'; result: { metric: Record<string, string>; value?: [number, string]; histogram?: unknown }[] }
  | { resultType: 'scalar'; result: [number, string] }
  | { resultType: 'string'; result: [number, string] };

export interface PromAnswer {
  status: 'success' | 'error';
  data?: PromData;
  error?: string;
  errorType?: string;
  warnings?: string[];
  infos?: string[];
}

/** Functions of the language that need no flag, aggregations, and words between. */
export const FUNCTIONS = (
  'abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time ceil changes clamp clamp_max ' +
  'clamp_min cos cosh count_over_time day_of_month day_of_week day_of_year days_in_month deg delta deriv exp ' +
  'first_over_time floor histogram_avg histogram_count histogram_fraction histogram_quantile histogram_stddev ' +
  'histogram_stdvar histogram_sum hour idelta increase irate label_join label_replace last_over_time ln log10 ' +
  'log2 max_over_time min_over_time minute month pi predict_linear present_over_time quantile_over_time rad ' +
  'rate resets round scalar sgn sin sinh sort sort_desc sqrt stddev_over_time stdvar_over_time sum_over_time ' +
  'tan tanh time timestamp vector year'
).split(' ');

export const AGGREGATIONS =
  'sum avg count min max group stddev stdvar topk bottomk count_values quantile'.split(' ');

const WORDS = 'by without on ignoring group_left group_right and or unless offset bool'.split(' ');

export const LANGUAGE = [...AGGREGATIONS, ...FUNCTIONS, ...WORDS];

const POINTS = 300;
const STEP_MIN = 5;

/** Seconds between the points of a range: some hundred points, at a round distance. */
export function step(seconds: number): number {
  const least = Math.max(STEP_MIN, seconds / POINTS);
  const rounds = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];
  return rounds.find((round) => round >= least) ?? Math.ceil(least / 86_400) * 86_400;
}

/** A series as PromQL writes it. */
export function seriesName(metric: Record<string, string>): string {
  const { __name__: name = '', ...labels } = metric;
  const inside = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return inside.length === 0 && name !== '' ? name : `${name}{${inside.join(', ')}}`;
}

/** The expression's answer at a time, which its modifiers `@` cannot give: they are of selectors. */
export function promAt(query: string, when: number): string {
  return `last_over_time((${query.includes('#') ? `${query}\n` : query})[1s:1s] @ ${when})`;
}

/** A range's answer as lines over its steps; a step without a point is a gap. */
export function promLines(data: PromData, from: number, to: number, every: number): { times: number[]; lines: Line[] } | null {
  if (data.resultType !== 'matrix') return null;
  const times: number[] = [];
  for (let at = from; at <= to; at += every) times.push(at);
  const lines = data.result
    .filter((series) => series.values !== undefined)
    .map((series) => {
      const values = new Array<number | null>(times.length).fill(null);
      for (const [at, value] of series.values ?? []) {
        const number = Number(value);
        values[Math.round((at - from) / every)] = Number.isFinite(number) ? number : null;
      }
      return { name: seriesName(series.metric), values };
    });
  return { times, lines };
}

/** The newest value of each series, as rows: their labels, then the value. */
export function promRows(data: PromData): { labels: string[]; rows: string[][] } {
  if (data.resultType === 'scalar' || data.resultType === 'string') return { labels: [], rows: [[data.result[1]]] };
  const labels = [...new Set(data.result.flatMap((series) => Object.keys(series.metric)))].sort();
  const rows = data.result.map((series) => {
    const newest = 'value' in series ? series.value?.[1] : 'values' in series ? series.values?.at(-1)?.[1] : undefined;
    return [...labels.map((label) => series.metric[label] ?? ''), newest ?? 'a histogram'];
  });
  return { labels, rows };
}

/** Where in an expression the mistake is, which Prometheus tells as line:column; null if it does not. */
export function promMistake(message: string, query: string): number | null {
  const found = /(\d+):(\d+): parse error/.exec(message);
  if (found === null) return null;
  const before = query.split('\n').slice(0, Number(found[1]) - 1);
  return Math.min(query.length, before.reduce((sum, line) => sum + line.length + 1, 0) + Number(found[2]) - 1);
}
