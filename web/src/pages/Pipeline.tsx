import { useQuery } from '@tanstack/react-query';
import { type Check, type Info, type LakeTable, read } from '../api';
import { bytes, duration, number, time } from '../format';
import { Failure, Loading, Scroll, State, Tile } from '../parts';
import { useHealth } from '../queries';
import { usePage } from '../search';

const TITLES: Record<string, string> = {
  receivers: 'Receivers',
  uploader: 'Lake writer',
  engine: 'Engine',
  freshness: 'Freshness of planes',
  disk: 'Log and disk',
  uploads: 'Files of the last hour',
  around: 'Clocks and certificates',
};

export function Pipeline() {
  const { zone, live } = usePage();
  const health = useHealth();
  const info = useQuery({ queryKey: ['info'], queryFn: () => read<Info>('info'), refetchInterval: live && 5_000 });
  const lake = useQuery({
    queryKey: ['lake'],
    queryFn: () => read<LakeTable[]>('lake'),
    refetchInterval: live && 30_000,
    retry: false,
  });
  if (health.error) return <Failure error={health.error} retry={() => void health.refetch()} />;
  if (!health.data) return <Loading what="the checks" />;
  const sections = Object.entries(Object.groupBy(health.data.checks, (check) => check.section));
  const points = lake.data?.find((table) => table.name === 'points');
  const newest = points?.snapshots.at(-1);
  return (
    <>
      <div className="tiles">
        <Tile name="State" note={time(Date.parse(health.data.at) / 1_000, zone)}><State of={health.data.state} /></Tile>
        <Tile name="Running for" note={info.data && `Firn ${info.data.version}`}>{duration(info.data?.uptime_seconds)}</Tile>
        <Tile name="Points in the lake" note={points && `${bytes(points.bytes)} in ${points.files} files`}>
          {number(points?.rows)}
        </Tile>
        <Tile name="Newest commit" note={points && `${number(points.bytes / Math.max(1, points.rows))} bytes a point`}>
          {newest ? `${duration(Math.max(0, (Date.parse(health.data.at) - newest.timeMillis) / 1_000))} ago` : '–'}
        </Tile>
      </div>
      {health.data.troubles.map((trouble) => <p key={trouble} className="failure" role="alert">{trouble}</p>)}
      {sections.map(([section, checks]) => (
        <section key={section} aria-labelledby={`section-${section}`}>
          <h2 id={`section-${section}`}>{TITLES[section] ?? section}</h2>
          <Checks checks={checks ?? []} zone={zone} label={TITLES[section] ?? section} />
        </section>
      ))}
    </>
  );
}

function Checks({ checks, zone, label }: { checks: Check[]; zone: string; label: string }) {
  return (
    <Scroll label={label}>
      <table className="checks">
        <thead>
          <tr>
            <th>State</th>
            <th>Check</th>
            <th>Figure</th>
            <th>Limit</th>
            <th>Since</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={check.id}>
              <td><State of={check.state} /></td>
              <th scope="row">{check.id.replaceAll('_', ' ')}</th>
              <td className="wide">
                {check.figure}
                {check.advice && <p className="advice">{check.advice}</p>}
              </td>
              <td>{check.limit}</td>
              <td className="when">{time(Date.parse(check.since) / 1_000, zone)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
