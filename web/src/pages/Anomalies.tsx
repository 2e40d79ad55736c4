import { ForSoLong, Now } from '../actions';
import { Chart } from '../Chart';
import { number, time } from '../format';
import type { Judged, Mark } from '../api';
import { Failure, Loading, Scroll, State } from '../parts';
import { ofRequests, type Origin } from '../Point';
import { useAnomalies, useBands } from '../queries';
import { usePage } from '../search';
import { conditions, type Labels } from '../series';

const SHOWN_MAX = 200;
const SIGNALS_MAX = 100;

export function AnomaliesPage() {
  const { search, zone } = usePage();
  const { data, error, refetch } = useAnomalies();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="anomalies" />;
  if (data.series.length === 0) {
    return (
      <p className="nothing">
        No signal is watched yet: intervals of five minutes are judged once they are over, and need{' '}
        <code>anomaly.enabled</code> in the configuration. Signals of one’s own stand in <code>anomaly.signals</code>.
      </p>
    );
  }
  const here = (one: Judged) => search.env === undefined || one.subject['environment'] === search.env;
  const found = data.anomalies.filter(here);
  const watched = data.series.filter(here).toSorted((a, b) => b.score - a.score);
  return (
    <>
      <p className="fine">
        {watched.length} signals, judged up to {time(Date.parse(data.as_of) / 1_000, zone)}. A score above 1 is anomalous.
      </p>
      {search.signal !== undefined && <Band />}
      <section aria-labelledby="found">
        <h2 id="found">Anomalies, newest first</h2>
        {found.length === 0 ? (
          <p className="nothing">Nothing was out of the ordinary.</p>
        ) : (
          <Table label="Anomalies" rows={found.slice(0, SHOWN_MAX)} found />
        )}
        {found.length > SHOWN_MAX && <p className="fine">The newest {SHOWN_MAX} are shown; all are in the table anomalies of Explore.</p>}
        {data.marks.length > 0 && <Marks marks={data.marks} />}
      </section>
      <section aria-labelledby="watched">
        <h2 id="watched">Watched signals, highest score first</h2>
        <Table label="Watched signals" rows={watched.slice(0, SIGNALS_MAX)} />
        {watched.length > SIGNALS_MAX && <p className="fine">The highest {SIGNALS_MAX} are shown.</p>}
      </section>
    </>
  );
}

function Marks({ marks }: { marks: Mark[] }) {
  const { zone } = usePage();
  const at = (text: string) => time(Date.parse(text) / 1_000, zone);
  return (
    <details>
      <summary>{marks.length} marked</summary>
      <ul>
        {marks.map((mark) => {
          const of = [mark.signal, mark.environment, mark.service_name, mark.http_route].filter(Boolean).join(' / ') || 'everything';
          return (
            <li key={mark.id}>
              {mark.kind}: {of}, {at(mark.from)} to {at(mark.to)} {mark.comment && `(${mark.comment})`}{' '}
              <Now label="Take away" of={of} task="anomalies/unmark" parameters={{ id: String(mark.id) }} shows="anomalies" />
            </li>
          );
        })}
      </ul>
    </details>
  );
}

/** @param found whether they are anomalies, which may have been expected */
function Table({ label, rows, found = false }: { label: string; rows: Judged[]; found?: boolean }) {
  const { set, zone } = usePage();
  return (
    <Scroll label={label}>
      <table>
        <thead>
          <tr>
            <th>Signal</th>
            <th>Where</th>
            <th>State</th>
            <th className="n">Score</th>
            <th className="n">Actual</th>
            <th className="n">Expected</th>
            <th>Why</th>
            <th>Interval</th>
            {found && <th>Yours to say</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={`${one.signal} ${JSON.stringify(one.subject)} ${one.time}`}>
              <th scope="row">
                <button
                  type="button"
                  onClick={() =>
                    set({
                      signal: one.signal,
                      at: one.subject['environment'],
                      service: one.subject['service_name'],
                      route: one.subject['http_route'],
                    })
                  }
                >
                  {one.signal}
                </button>
              </th>
              <td>{where(one.subject)}</td>
              <td><State of={one.severity} /></td>
              <td className="n" data-score={one.score}>{number(one.score)}</td>
              <td className="n">{number(one.actual)}</td>
              <td className="n">{number(one.expected_low)} … {number(one.expected_high)}</td>
              <td className="wide">{one.explanation}</td>
              <td className="when">{time(Date.parse(one.time) / 1_000, zone)}</td>
              {found && <td>{one.severity !== 'expected' && <Expected of={one} />}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Expected({ of }: { of: Judged }) {
  const { environment = '', service_name = '', http_route = '' } = of.subject;
  return (
    <ForSoLong
      label="Expected"
      of={`${of.signal} ${where(of.subject)}`}
      task="anomalies/mark"
      parameters={{ kind: 'expected', signal: of.signal, environment, service_name, http_route }}
      shows="anomalies"
      from={Date.parse(of.time) / 1_000}
    >
      <p>{of.signal} of {where(of.subject)} was expected to be different from {of.time} on. Anomalies of it are still shown, and wake nobody.</p>
    </ForSoLong>
  );
}

function where(subject: Record<string, string>): string {
  return Object.values(subject).filter(Boolean).join(' / ');
}

/** Signals of requests, whose points are made of series' windows; of others, what was expected and came is all that is kept. */
const OF_REQUESTS = ['request_rate', 'error_ratio', 'latency_p50', 'latency_p95'];

const INTERVAL = 300;

export function origin(signal: string, subject: Labels): Origin {
  const sql = `SELECT time, actual, expected, low, high FROM anomaly_bands FINAL
WHERE ${conditions({ signal, ...subject })} AND time > now() - INTERVAL 1 DAY
ORDER BY time`;
  if (OF_REQUESTS.includes(signal)) return ofRequests(sql, INTERVAL, subject);
  return {
    sql,
    name: 'Its anomaly, if it is one',
    of: (_line, when) => `SELECT * FROM anomalies FINAL
WHERE ${conditions({ signal, ...subject })} AND time = toDateTime(${when}, 'UTC')`,
  };
}

/** What came, between what was expected at least and at most. */
function Band() {
  const { search, zone } = usePage();
  const { data, error, refetch } = useBands();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="bands" />;
  const bands = data.bands?.series ?? [];
  if (bands.length === 0) return <p className="nothing">No band of {search.signal} is kept in this range.</p>;
  return (
    <section aria-label="Bands" className="charts">
      {bands.slice(0, 6).map((band) => (
        <Chart
          key={JSON.stringify(band.subject)}
          title={`${band.signal} ${where(band.subject)}`}
          times={band.time}
          zone={zone}
          format={number}
          origin={origin(band.signal, band.subject)}
          lines={[
            { name: 'actual', values: band.actual },
            { name: 'expected at most', values: band.expected_high, against: 0 },
            { name: 'expected at least', values: band.expected_low, against: 0 },
          ]}
        />
      ))}
      {bands.length > 6 && <p className="fine">The first 6 of {bands.length} are shown.</p>}
    </section>
  );
}
