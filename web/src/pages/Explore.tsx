import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { save } from '../actions';
import { again, ask, file, type Table } from '../api';
import { Chart, type Line } from '../Chart';
import { fitting, sqlWord } from '../complete';
import { Editor, type EditorHandle, type EditorProps } from '../Editor';
import { number } from '../format';
import { Failure, Loading, Scroll } from '../parts';
import { useHeld } from '../queries';
import { usePage } from '../search';
import { lines, mistake, rowsOf } from '../table';
import { Promql } from './Promql';

const ROWS_MAX = 1_000;

const METRICS = `SELECT metric_name, any(type) AS type, any(unit) AS unit, uniqExact(series_id) AS series, max(last_seen) AS last_seen
FROM series GROUP BY metric_name ORDER BY metric_name LIMIT 2000`;

/** Names for completion: tables, their columns, functions. */
const WORDS = `SELECT name FROM system.tables WHERE database = currentDatabase()
UNION ALL SELECT DISTINCT name FROM system.columns WHERE database = currentDatabase()
UNION ALL SELECT name FROM system.functions`;

const KEYWORDS = 'SELECT FROM WHERE GROUP BY ORDER LIMIT JOIN USING HAVING WITH INTERVAL BETWEEN DISTINCT UNION ALL DESC'.split(' ');

const FIRST = `SELECT toStartOfInterval(time, INTERVAL 1 HOUR) AS hour, environment, count() AS points
FROM samples JOIN series USING (metric_id, series_id)
WHERE time > now() - INTERVAL 1 DAY
GROUP BY ALL ORDER BY hour`;

const FIELDS: Record<string, [string, string]> = {
  gauge: ['samples', 'avg(value) AS value'],
  sum: ['samples', 'max(value) AS value'],
  histogram: ['histograms', 'sum(count) AS events'],
  exponential_histogram: ['exponential_histograms', 'sum(count) AS events'],
  summary: ['summaries', 'max(count) AS events'],
};

/** A statement over a metric's last day. */
function about(metric: string, type: string): string {
  const [table, value] = FIELDS[type] ?? ['samples', 'avg(value) AS value'];
  const name = metric.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `SELECT toStartOfInterval(time, INTERVAL 5 MINUTE) AS at, environment, service_name, ${value}
FROM ${table} JOIN series USING (metric_id, series_id)
WHERE metric_name = '${name}' AND time > now() - INTERVAL 1 DAY
GROUP BY ALL ORDER BY at`;
}

export function Explore() {
  const { search } = usePage();
  const held = useHeld();
  return search.lang === 'promql' || held ? <Promql /> : <Sql />;
}

/** In which language is asked. */
function Language() {
  const { search, set } = usePage();
  const held = useHeld();
  const one = (lang: 'promql' | undefined, name: string) => (
    <button type="button" aria-pressed={search.lang === lang || held === true} onClick={() => set({ lang, view: undefined })}>{name}</button>
  );
  return (
    <div className="head" role="group" aria-label="Language">
      {!held && one(undefined, 'SQL')}
      {one('promql', 'PromQL')}
    </div>
  );
}

function Sql() {
  const { search, set, zone } = usePage();
  const [draft, setDraft] = useState(search.sql ?? FIRST);
  const editor = useRef<EditorHandle>(null);
  useEffect(() => {
    if (search.sql !== undefined) setDraft(search.sql);
  }, [search.sql]);
  const answer = useQuery({
    queryKey: ['sql', search.sql],
    queryFn: ({ signal }) => ask(search.sql ?? '', signal),
    enabled: search.sql !== undefined && search.sql.trim() !== '',
    retry: again,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const words = useQuery({
    queryKey: ['words'],
    queryFn: async ({ signal }) => [...(await ask(WORDS, signal)).data.map((row) => String(row[0])), ...KEYWORDS],
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const run = (sql: string) => {
    if (sql === search.sql) void answer.refetch();
    else set({ sql });
  };
  const suggest = (text: string, caret: number) => {
    const word = sqlWord(text, caret);
    return word && { from: word.from, words: fitting(words.data ?? [], word.written) };
  };
  const place = answer.error ? mistake(answer.error.message, draft) : null;
  return (
    <Question
      Metrics={Metrics}
      editor={{ id: 'sql', label: 'SQL (read-only)', version: words.dataUpdatedAt, suggest }}
      handle={editor}
      draft={draft}
      write={setDraft}
      run={run}
      more={
        <>
          <label className="check">
            <input
              type="checkbox"
              checked={search.view === 'chart'}
              onChange={() => set({ view: search.view === 'chart' ? undefined : 'chart' })}
            />{' '}
            as chart
          </label>
          {search.sql !== undefined && <Export sql={search.sql} />}
        </>
      }
      loading={answer.isFetching}
      error={answer.error}
      fetching={answer.isFetching}
      away={answer.failureReason}
      place={place}
    >
      {answer.data && !answer.error && <Answer sql={search.sql ?? ''} table={answer.data} chart={search.view === 'chart'} zone={zone} />}
    </Question>
  );
}

/** A question's text with its language, its mistake if it has one, and below it the answer. */
export function Question({ Metrics, editor, handle, draft, write, run, more, loading, error, fetching, away, place, children }: {
  /** What there is to ask for. */
  Metrics: (of: { choose: (text: string) => void }) => ReactNode;
  editor: Pick<EditorProps, 'id' | 'label' | 'version' | 'suggest'>;
  handle: RefObject<EditorHandle | null>;
  draft: string;
  write: (text: string) => void;
  run: (text: string) => void;
  /** Beside the button that runs it. */
  more: ReactNode;
  loading: boolean;
  error: Error | null;
  fetching: boolean;
  /** Why it is asked once more. */
  away: Error | null;
  /** Of the mistake in the text. */
  place: number | null;
  children: ReactNode;
}) {
  return (
    <div className="explore">
      <Metrics
        choose={(text) => {
          write(text);
          run(text);
        }}
      />
      <div className="work">
        <Language />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            run(draft);
          }}
        >
          <Editor {...editor} ref={handle} value={draft} wrong={error !== null} change={write} run={() => run(draft)} />
          <div className="head">
            <button type="submit" className="main">Run <kbd>Ctrl ⏎</kbd></button>
            {more}
          </div>
        </form>
        {loading && <Loading what="the answer" />}
        {fetching && away && <p className="fine" role="status">{away.message} Asked again …</p>}
        {error && !fetching && (
          <Wrong message={error.message} go={place === null ? undefined : () => handle.current?.select(place)} />
        )}
        {children}
      </div>
    </div>
  );
}

/** What is wrong with a question, and a way to where. */
function Wrong({ message, go }: { message: string; go: (() => void) | undefined }) {
  return (
    <div id="wrong" className="failure" role="alert">
      <pre>{message}</pre>
      {go && <button type="button" onClick={go}>Go to the mistake</button>}
    </div>
  );
}

function Export({ sql }: { sql: string }) {
  const [error, setError] = useState<Error | null>(null);
  const get = async (format: 'CSVWithNames' | 'Parquet', name: string) => {
    try {
      save(await file(sql, format), name);
      setError(null);
    } catch (e) {
      setError(e as Error);
    }
  };
  return (
    <>
      <button type="button" onClick={() => void get('CSVWithNames', 'firn.csv')}>Export CSV</button>
      <button type="button" onClick={() => void get('Parquet', 'firn.parquet')}>Export Parquet</button>
      {error && <span role="alert">{error.message.slice(0, 200)}</span>}
    </>
  );
}

function Answer({ sql, table, chart, zone }: { sql: string; table: Table; chart: boolean; zone: string }) {
  const drawn = useMemo(() => (chart ? lines(table) : null), [chart, table]);
  const origin = { name: 'Its rows', of: (line: Line, when: number) => rowsOf(sql, table, line, when) };
  const seconds = table.statistics?.elapsed;
  return (
    <>
      <p className="fine" role="status">
        {table.data.length} rows{seconds !== undefined && ` in ${seconds.toFixed(2)} s`}
        {table.data.length > ROWS_MAX && `; the first ${ROWS_MAX} are shown`}
      </p>
      {chart && drawn === null && (
        <p className="nothing">A chart needs a column of times and one of numbers; text columns make the lines.</p>
      )}
      {drawn && <Chart title="Answer" times={drawn.times} lines={drawn.lines} origin={origin} format={number} zone={zone} />}
      {table.data.length > 0 && (
        <Scroll label="Answer">
          <table>
            <thead>
              <tr>
                {table.meta.map((column) => (
                  <th key={column.name} title={column.type}>{column.name}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.data.slice(0, ROWS_MAX).map((row, at) => (
                <tr key={at}>
                  {row.map((value, column) => (
                    <td key={column} className={typeof value === 'number' ? 'n' : undefined}>{text(value)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

function text(value: unknown): string {
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function Metrics({ choose }: { choose: (sql: string) => void }) {
  const [word, setWord] = useState('');
  const { data, error, refetch } = useQuery({
    queryKey: ['metrics'],
    queryFn: ({ signal }) => ask(METRICS, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  const wanted = word.toLowerCase();
  const found = (data?.data ?? []).filter((row) => `${row[0]} ${row[2]}`.toLowerCase().includes(wanted));
  return (
    <section className="metrics" aria-labelledby="metrics">
      <h2 id="metrics">Metrics</h2>
      <input
        type="search"
        aria-label="Find a metric by name or unit"
        placeholder="name or unit"
        value={word}
        onChange={(event) => setWord(event.target.value)}
      />
      {error && <Failure error={error} retry={() => void refetch()} />}
      <ul tabIndex={0} aria-label="Metrics found">
        {found.map((row) => (
          <li key={String(row[0])}>
            <button type="button" onClick={() => choose(about(String(row[0]), String(row[1])))}>
              <span>{String(row[0])}</span>
              <small>{String(row[1])}{row[2] ? `, ${row[2]}` : ''} · {String(row[3])} series · {String(row[4])}</small>
            </button>
          </li>
        ))}
        {data && found.length === 0 && <li className="fine">No metric has this name.</li>}
      </ul>
    </section>
  );
}
