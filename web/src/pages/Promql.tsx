import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { again, prom } from '../api';
import { Chart } from '../Chart';
import { fitting, promPlace, type Suggestions } from '../complete';
import type { EditorHandle } from '../Editor';
import { duration, number } from '../format';
import { Failure, Scroll } from '../parts';
import { LANGUAGE, type PromAnswer, promAt, promLines, promMistake, promRows, step } from '../promql';
import { usePage } from '../search';
import { Question } from './Explore';

const ROWS_MAX = 1_000;
const NAMES_MAX = 2_000;
const SERIES_MAX = '1000';
const NONE: string[] = [];

interface Names {
  data: string[];
}

/** Names of metrics, labels or values; what was asked for once is kept for a while. */
function useNames() {
  const client = useQueryClient();
  const [version, shown] = useState(0);
  const names = (path: string, parameters: [string, string][] = []): string[] => {
    const queryKey = ['names', path, parameters];
    const known = client.getQueryState<string[]>(queryKey);
    if (known === undefined) {
      void client
        .fetchQuery({
          queryKey,
          queryFn: async ({ signal }) => (await prom<Names>(path, [...parameters, ['limit', String(NAMES_MAX)]], signal)).data,
          staleTime: 60_000,
          retry: false,
        })
        .then(() => shown((count) => count + 1), () => undefined);
    }
    return known?.data ?? NONE;
  };
  return { names, version };
}

export function Promql() {
  const { search, set, seconds, zone, live } = usePage();
  const [draft, setDraft] = useState(search.promql ?? '');
  const editor = useRef<EditorHandle>(null);
  const { names, version } = useNames();
  useEffect(() => {
    if (search.promql !== undefined) setDraft(search.promql);
  }, [search.promql]);
  const instant = search.view === 'table';
  const every = step(seconds);
  const answer = useQuery({
    queryKey: ['promql', search.promql, instant, seconds],
    queryFn: async ({ signal }) => {
      const to = Math.floor(Date.now() / 1_000 / every) * every;
      const from = to - Math.floor(seconds / every) * every;
      const when: [string, string][] = instant
        ? [['time', String(Date.now() / 1_000)]]
        : [['start', String(from)], ['end', String(to)], ['step', String(every)]];
      const asked: [string, string][] = [['query', search.promql ?? ''], ['limit', SERIES_MAX], ...when];
      return { ...(await prom<PromAnswer>(instant ? 'query' : 'query_range', asked, signal)), from, to };
    },
    enabled: search.promql !== undefined && search.promql.trim() !== '',
    retry: again,
    refetchOnWindowFocus: false,
    refetchInterval: ({ state }) => live && state.error === null && 30_000,
    placeholderData: (before, query) => (query?.queryKey[1] === search.promql && query?.queryKey[2] === instant ? before : undefined),
  });
  const run = (promql: string) => {
    if (promql === search.promql) void answer.refetch();
    else set({ promql });
  };
  const suggest = (text: string, caret: number): Suggestions | null => {
    const place = promPlace(text, caret);
    if (place === null) return null;
    const of: [string, string][] = 'metric' in place && place.metric !== '' ? [['match[]', place.metric]] : [];
    const words =
      place.kind === 'name'
        ? [...names('label/__name__/values'), ...LANGUAGE]
        : place.kind === 'label'
          ? names('labels', of)
          : names(`label/${encodeURIComponent(place.label)}/values`, of);
    return { from: place.from, words: fitting(words, place.written) };
  };
  const place = answer.error ? promMistake(answer.error.message, draft) : null;
  return (
    <Question
      Metrics={Metrics}
      editor={{ id: 'promql', label: 'PromQL', version, suggest }}
      handle={editor}
      draft={draft}
      write={setDraft}
      run={run}
      more={
        <label className="check">
          <input type="checkbox" checked={instant} onChange={() => set({ view: instant ? undefined : 'table' })} />{' '}
          only now, as a table
        </label>
      }
      loading={answer.isLoading}
      error={answer.error}
      fetching={answer.isFetching}
      away={answer.failureReason}
      place={place}
    >
      {answer.data?.data && !answer.error && (
        <Answer answer={answer.data} every={every} instant={instant} zone={zone} title={search.promql ?? ''} />
      )}
    </Question>
  );
}

function Answer({ answer, every, instant, zone, title }: {
  answer: PromAnswer & { from: number; to: number };
  every: number;
  instant: boolean;
  zone: string;
  title: string;
}) {
  if (answer.data === undefined) return null;
  const drawn = instant ? null : promLines(answer.data, answer.from, answer.to, every);
  const { labels, rows } = promRows(answer.data);
  const origin = { name: 'All of then', promql: true as const, of: (_: unknown, when: number) => promAt(title, when) };
  return (
    <>
      <p className="fine" role="status">
        {rows.length} series{!instant && `, a point each ${duration(every)}; the table has the newest`}
        {rows.length > ROWS_MAX && `; the first ${ROWS_MAX} are shown`}
      </p>
      {[...(answer.warnings ?? []), ...(answer.infos ?? [])].map((warning) => (
        <p key={warning} className="fine">{warning}</p>
      ))}
      {drawn?.lines.length === 0 && rows.length > 0 && (
        <p className="nothing">Histograms make no lines: ask for histogram_quantile(0.95, …), histogram_count(…) or histogram_avg(…) of them.</p>
      )}
      {drawn && drawn.lines.length > 0 && <Chart title={title} times={drawn.times} lines={drawn.lines} origin={origin} format={number} zone={zone} />}
      {rows.length > 0 && (
        <Scroll label="Answer">
          <table>
            <thead>
              <tr>
                {labels.map((label) => <th key={label}>{label}</th>)}
                <th className="n">value</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, ROWS_MAX).map((row, at) => (
                <tr key={at}>
                  {row.map((value, column) => <td key={column} className={column === labels.length ? 'n' : undefined}>{value}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

/** What counts up is asked for its rate. */
export function about(metric: string): string {
  return /_(total|count|sum|bucket)$/.test(metric) ? `rate(${metric}[5m])` : metric;
}

function Metrics({ choose }: { choose: (promql: string) => void }) {
  const [word, setWord] = useState('');
  const { data, error, refetch } = useQuery({
    queryKey: ['prom metrics'],
    queryFn: async ({ signal }) => (await prom<Names>('label/__name__/values', [['limit', String(NAMES_MAX)]], signal)).data,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const wanted = word.toLowerCase();
  const found = (data ?? []).filter((name) => name.toLowerCase().includes(wanted));
  return (
    <section className="metrics" aria-labelledby="metrics">
      <h2 id="metrics">Metrics</h2>
      <input type="search" aria-label="Find a metric by name" placeholder="name" value={word} onChange={(event) => setWord(event.target.value)} />
      {error && <Failure error={error} retry={() => void refetch()} />}
      <ul tabIndex={0} aria-label="Metrics found">
        {found.map((name) => (
          <li key={name}>
            <button type="button" onClick={() => choose(about(name))}><span>{name}</span></button>
          </li>
        ))}
        {data && found.length === 0 && <li className="fine">No metric has this name.</li>}
      </ul>
    </section>
  );
}
