import { useMemo } from 'react';
import { duration, time } from './format';
import { Scroll, Statement } from './parts';
import { useExemplars } from './queries';
import { useSettings } from './search';

/** Where a trace is looked at; null where nobody said. */
export function traceLink(template: string | undefined, trace: string): string | null {
  return template && /^https?:/.test(template) ? template.replace('{trace_id}', encodeURIComponent(trace)) : null;
}

/** A request with a trace, at its place on a chart of durations. */
export interface Dot {
  at: number;
  seconds: number;
  trace: string;
}

/** The traces that the table below names. */
export function useDots(filter: Record<string, string | undefined>): Dot[] {
  const { data } = useExemplars(filter);
  return useMemo(() => (data?.exemplars ?? []).map(({ at, seconds, trace_id: trace }) => ({ at, seconds, trace })), [data]);
}

/** Ways to traces for who points; the table has the same for who does not. */
export function Dots({ dots, zone }: { dots: Dot[]; zone: string }) {
  const { trace_link: template } = useSettings();
  return dots.map((dot) => (
    <a
      key={`${dot.trace} ${dot.at}`}
      className="dot"
      aria-hidden="true"
      tabIndex={-1}
      title={`${duration(dot.seconds)} at ${time(dot.at, zone)}, trace ${dot.trace}`}
      data-from={dot.at}
      data-to={dot.at}
      data-value={dot.seconds}
      {...(traceLink(template, dot.trace) === null
        ? { href: '#traces' }
        : { href: traceLink(template, dot.trace) ?? '', target: '_blank', rel: 'noreferrer' })}
    />
  ));
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
