import { duration, time } from './format';
import { Scroll, Statement } from './parts';
import { useExemplars } from './queries';
import { useSettings } from './search';

/** Where a trace is looked at; null where nobody said. */
export function traceLink(template: string | undefined, trace: string): string | null {
  return template && /^https?:/.test(template) ? template.replace('{trace_id}', encodeURIComponent(trace)) : null;
}

/** The slowest requests that their senders have an example of, with a way to their traces. */
export function Traces({ filter, zone }: { filter: Record<string, string | undefined>; zone: string }) {
  const { data } = useExemplars(filter);
  const { trace_link: template } = useSettings();
  if (data === undefined || data.exemplars.length === 0) return null;
  return (
    <section aria-labelledby="traces">
      <h2 id="traces">Slowest requests with a trace</h2>
      <Scroll label="Traces">
        <table>
          <thead>
            <tr>
              <th>Time</th>
              <th>Service</th>
              <th>Route</th>
              <th>Status</th>
              <th className="n">Took</th>
              <th>Trace</th>
            </tr>
          </thead>
          <tbody>
            {data.exemplars.map((one) => {
              const link = traceLink(template, one.trace_id);
              return (
                <tr key={`${one.trace_id} ${one.span_id}`}>
                  <td>{time(one.at, zone)}</td>
                  <td>{one.service_name || '(none)'}</td>
                  <td>{one.http_route || '(no route)'}</td>
                  <td>{one.http_status_code}</td>
                  <td className="n">{duration(one.seconds)}</td>
                  <td>{link === null ? <code>{one.trace_id}</code> : <a href={link} target="_blank" rel="noreferrer"><code>{one.trace_id}</code></a>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
      {!template && <p className="fine">Say under Views where traces are looked at, and these become links.</p>}
      <Statement sql={data.sql} what="these traces" />
    </section>
  );
}
