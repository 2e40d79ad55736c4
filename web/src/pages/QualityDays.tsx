import { number } from '../format';
import { Failure, Scroll } from '../parts';
import { useTable } from '../queries';

const DAYS =
  'SELECT CAST(environment, \'String\') AS e, CAST(data_plane_id, \'String\') AS p, toString(date) AS day, min(score) AS lowest, ' +
  'arrayStringConcat(arraySort(groupUniqArrayArray(failing)), \', \') AS checks ' +
  'FROM v_data_quality_daily GROUP BY e, p, day ORDER BY e, p, day';
const GAPS =
  'SELECT plane, toString(toDate(expected_hour)) AS day, count() AS hours ' +
  'FROM v_data_quality_gaps ARRAY JOIN missing_planes AS plane GROUP BY plane, day';
const DOUBLE =
  'SELECT CAST(environment, \'String\') AS e, CAST(data_plane_id, \'String\') AS p, CAST(service_name, \'String\') AS s, CAST(metric_name, \'String\') AS m, ' +
  'sum(duplicate_count) AS doubles, sum(conflicts) AS conflicting ' +
  'FROM v_data_quality_duplicates WHERE date >= toDate(now(\'UTC\')) - 7 GROUP BY e, p, s, m ORDER BY doubles DESC LIMIT 100';
const EVERY = 300;

interface Plane {
  environment: string;
  plane: string;
  days: Map<string, { score: number; checks: string }>;
}

/** Days across, planes down. */
export function calendar(rows: unknown[][]): { days: string[]; planes: Plane[] } {
  const planes = new Map<string, Plane>();
  const days = new Set<string>();
  for (const [environment, plane, day, score, checks] of rows) {
    const key = `${environment} ${plane}`;
    const one = planes.get(key) ?? { environment: String(environment), plane: String(plane), days: new Map() };
    one.days.set(String(day), { score: Number(score), checks: String(checks) });
    planes.set(key, one);
    days.add(String(day));
  }
  return { days: [...days].sort(), planes: [...planes.values()] };
}

/** The last thirty days of each plane: its lowest score, and for how many hours it sent nothing. */
export function Days({ environment }: { environment: string | undefined }) {
  const scores = useTable('quality days', DAYS, EVERY);
  const gaps = useTable('quality gaps', GAPS, EVERY);
  const error = scores.error ?? gaps.error;
  if (error) return <Failure error={error} retry={() => void Promise.all([scores.refetch(), gaps.refetch()])} />;
  if (!scores.data || !gaps.data) return null;
  const { days, planes } = calendar(scores.data.data.filter((row) => environment === undefined || row[0] === environment));
  const hours = new Map(gaps.data.data.map((row) => [`${row[0]} ${row[1]}`, Number(row[2])]));
  return (
    <section aria-labelledby="days">
      <h2 id="days">Thirty days</h2>
      <p className="fine">
        The lowest score of a plane’s sources each day (UTC), in percent; below it the hours of that day, within the last seven
        days, in which the plane sent nothing.
      </p>
      <Scroll label="Thirty days">
        <table className="calendar">
          <thead>
            <tr>
              <th>Plane</th>
              {days.map((day) => <th key={day} className="n" title={day}>{day.slice(5)}</th>)}
            </tr>
          </thead>
          <tbody>
            {planes.map((one) => (
              <tr key={`${one.environment} ${one.plane}`}>
                <th scope="row">{one.environment || '(none)'} / {one.plane || '(none)'}</th>
                {days.map((day) => {
                  const { score = 100, checks = '' } = one.days.get(day) ?? {};
                  const silent = hours.get(`${one.plane} ${day}`) ?? 0;
                  return (
                    <td key={day} className={`n${score < 100 ? ' over' : ''}`} title={checks || undefined}>
                      {number(Math.floor(score))}
                      {silent > 0 && <><br />{silent} h</>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

/** Points of the last seven days that are stored more than once. */
export function Doubles({ environment }: { environment: string | undefined }) {
  const { data, error, refetch } = useTable('quality doubles', DOUBLE, EVERY);
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return null;
  const rows = data.data.filter((row) => environment === undefined || row[0] === environment);
  return (
    <section aria-labelledby="doubles">
      <h2 id="doubles">Stored more than once, in seven days</h2>
      {rows.length === 0 ? (
        <p className="nothing">No point is.</p>
      ) : (
        <Scroll label="Stored more than once">
          <table>
            <thead>
              <tr>
                <th>Environment</th>
                <th>Plane</th>
                <th>Service</th>
                <th>Metric</th>
                <th className="n">Double</th>
                <th className="n">Of these with another value</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.slice(0, 4).join(' ')}>
                  {row.slice(0, 3).map((name, at) => <td key={at}>{String(name) || '(none)'}</td>)}
                  <th scope="row">{String(row[3])}</th>
                  <td className="n">{number(Number(row[4]))}</td>
                  <td className="n">{number(Number(row[5]))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
