import type { Alert, Score } from '../api';
import { number, time } from '../format';
import { Failure, Loading, Scroll, State, Tile } from '../parts';
import { useQuality } from '../queries';
import { usePage } from '../search';
import { Days, Doubles } from './QualityDays';

const SHOWN_MAX = 200;

export function QualityPage() {
  const { search, zone } = usePage();
  const { data, error, refetch } = useQuality();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="data quality" />;
  if (data.scores.length === 0) {
    return (
      <p className="nothing">
        No source has a score yet: the checks look once a minute, and need <code>quality.enabled</code> in the
        configuration.
      </p>
    );
  }
  const here = (environment: string | undefined) => search.env === undefined || environment === search.env;
  const scores = data.scores.filter((one) => here(one.environment)).toSorted((a, b) => a.score - b.score);
  const incidents = data.incidents.filter((one) => here(one.subject['environment']));
  const worst = scores[0];
  return (
    <>
      <p className="fine">
        {data.checks.length} checks, up to {time(Date.parse(data.as_of) / 1_000, zone)}. A score is the share of checks without
        an incident; a warning weighs half.
      </p>
      <div className="tiles">
        <Tile name="Sources" note={`${scores.filter((one) => one.score === 100).length} without an incident`}>{scores.length}</Tile>
        <Tile name="Lowest score" note={worst && place(worst)}>{worst ? `${number(worst.score)} %` : '–'}</Tile>
        <Tile name="Open incidents" note={`${incidents.filter((one) => one.severity === 'ticket').length} are failures`}>
          {incidents.length}
        </Tile>
      </div>
      <section aria-labelledby="scores">
        <h2 id="scores">Scores by source, lowest first</h2>
        <Scroll label="Scores">
          <table>
            <thead>
              <tr>
                <th>Environment</th>
                <th>Plane</th>
                <th>Service</th>
                <th className="n">Score</th>
                <th>Checks with an incident</th>
              </tr>
            </thead>
            <tbody>
              {scores.slice(0, SHOWN_MAX).map((one) => (
                <tr key={`${one.environment} ${one.data_plane_id} ${one.service_name}`}>
                  <td>{one.environment || '(none)'}</td>
                  <td>{one.data_plane_id || '(none)'}</td>
                  <th scope="row">{one.service_name || '(none)'}</th>
                  <td className="n" data-score={one.score}>{number(one.score)} %</td>
                  <td className="wide">{one.failing.join(', ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        {scores.length > SHOWN_MAX && <p className="fine">The lowest {SHOWN_MAX} are shown.</p>}
      </section>
      <section aria-labelledby="incidents">
        <h2 id="incidents">Open incidents</h2>
        {incidents.length === 0 ? <p className="nothing">None is open.</p> : <Incidents all={incidents} />}
      </section>
      <Days environment={search.env} />
      <Doubles environment={search.env} />
    </>
  );
}

function place(one: Score): string {
  return [one.environment, one.data_plane_id, one.service_name].filter(Boolean).join(' / ');
}

function Incidents({ all }: { all: Alert[] }) {
  const { zone } = usePage();
  const shown = all.toSorted(
    (a, b) => Number(a.severity === 'info') - Number(b.severity === 'info') || b.started_at.localeCompare(a.started_at),
  );
  return (
    <>
      <Scroll label="Open incidents">
        <table>
          <thead>
            <tr>
              <th>Severity</th>
              <th>Check</th>
              <th>Where</th>
              <th>What</th>
              <th className="n">Observed</th>
              <th className="n">Expected</th>
              <th>Since</th>
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, SHOWN_MAX).map((one) => (
              <tr key={one.id}>
                <td><State of={one.severity} /></td>
                <th scope="row">{one.rule}</th>
                <td>{Object.values(one.subject).filter(Boolean).join(' / ')}</td>
                <td className="wide">{one.summary}</td>
                <td className="n">{number(one.value)}</td>
                <td className="n">{number(one.threshold)}</td>
                <td className="when">{time(Date.parse(one.started_at) / 1_000, zone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {shown.length > SHOWN_MAX && (
        <p className="fine">The first {SHOWN_MAX} are shown; all are in the view quality_incidents of Explore.</p>
      )}
    </>
  );
}
