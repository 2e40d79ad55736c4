import { Chart } from '../Chart';
import { number, time } from '../format';
import type { Judged } from '../api';
import { Failure, Loading, Scroll, State } from '../parts';
import { useAnomalies, useBands } from '../queries';
import { usePage } from '../search';

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
          <Table label="Anomalies" rows={found.slice(0, SHOWN_MAX)} />
        )}
        {found.length > SHOWN_MAX && <p className="fine">The newest {SHOWN_MAX} are shown; all are in the table anomalies of Explore.</p>}
        <p className="fine">
          What was expected is marked with <code>./firn anomaly mark</code>; it is remembered, and wakes nobody again.
        </p>
      </section>
      <section aria-labelledby="watched">
        <h2 id="watched">Watched signals, highest score first</h2>
        <Table label="Watched signals" rows={watched.slice(0, SIGNALS_MAX)} />
        {watched.length > SIGNALS_MAX && <p className="fine">The highest {SIGNALS_MAX} are shown.</p>}
      </section>
    </>
  );
}

function Table({ label, rows }: { label: string; rows: Judged[] }) {
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
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function where(subject: Record<string, string>): string {
  return Object.values(subject).filter(Boolean).join(' / ');
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
