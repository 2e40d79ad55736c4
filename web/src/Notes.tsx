import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import { type Annotation, type Annotations, read, send } from './api';
import { time } from './format';
import { useHeld } from './queries';
import { usePage } from './search';

const ROUND = 300;

/** Label values as a matcher's expression. */
export function exactly(value: string): string {
  return JSON.stringify(value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
}

/** What is said of all, and of what the page is about. */
export function matchers(about: Record<string, string | undefined>): string {
  return Object.entries(about)
    .flatMap(([label, value]) => (value === undefined ? [] : [`${label}=~${exactly(value).slice(0, -1)}|"`]))
    .join('\n');
}

/** A window after a chart's last one: what happens before points of it are there stands at the edge. */
function end(times: ArrayLike<number>): number {
  const [last = 0, before = last] = [times[times.length - 1], times[times.length - 2]];
  return 3 * last - 2 * before;
}

/** What happened while a chart's times went by; all charts of a page ask once. */
export function useAnnotations(times: number[]): Annotation[] {
  const { search, live } = usePage();
  const from = Math.floor((times[0] ?? 0) / ROUND) * ROUND;
  const to = Math.ceil(end(times) / ROUND) * ROUND;
  const fitting = matchers({ environment: search.env, service_name: search.service });
  const { data } = useQuery({
    queryKey: ['annotations', from, to, fitting],
    queryFn: ({ signal }) => {
      const parameters = new URLSearchParams({ matchers: fitting });
      parameters.set('from', new Date(from * 1_000).toISOString());
      parameters.set('to', new Date(to * 1_000).toISOString());
      return read<Annotations>(`annotations?${parameters}`, signal);
    },
    enabled: times.length > 0 && useHeld() === false,
    refetchInterval: live && 30_000,
    placeholderData: keepPreviousData,
  });
  return data?.annotations ?? [];
}

/** Puts marks where their times are; an element without a style until then. */
export function place(plot: uPlot, marks: HTMLElement | null) {
  if (marks === null) return;
  const { left, top, width } = plot.bbox;
  const ratio = devicePixelRatio;
  const [times] = plot.data;
  for (const mark of marks.children as Iterable<Element> & HTMLCollectionOf<HTMLElement>) {
    const [from, to] = [Number(mark.dataset['from']), Number(mark.dataset['to'])];
    const within = (at: number) => Math.min(width / ratio, Math.max(0, plot.valToPos(at, 'x')));
    if (mark.dataset['value'] !== undefined) {
      const across = plot.valToPos(from, 'x');
      mark.hidden = across < 0 || across > width / ratio;
      mark.style.left = `${left / ratio + across}px`;
      // What lies above a chart's lines stands at its edge.
      mark.style.top = `${top / ratio + Math.max(0, plot.valToPos(Number(mark.dataset['value']), 'y'))}px`;
      continue;
    }
    mark.hidden = to < (times[0] ?? 0) || from > end(times);
    mark.style.left = `${left / ratio + within(from)}px`;
    mark.style.width = `${Math.max(2, within(to) - within(from))}px`;
  }
}

const SHAPES = { deployment: '▲', incident: '■', note: '◆' } as const;
const SHOWN_MAX = 50;

/** Marks over a plot, each a button that says what happened. */
export function Marks({ notes, marks, plot, zone, children }: {
  notes: Annotation[];
  /** Elements with `data-from` and `data-value`, which are put there. */
  children?: ReactNode;
  marks: RefObject<HTMLDivElement | null>;
  plot: RefObject<uPlot | null>;
  zone: string;
}) {
  const [open, setOpen] = useState<Annotation | null>(null);
  useEffect(() => {
    if (plot.current !== null) place(plot.current, marks.current);
  });
  return (
    <>
      <div ref={marks} className="marks">
        {notes.slice(0, SHOWN_MAX).map((note) => {
          const about = Object.values(note.labels).join(' ');
          const said = `${note.kind} at ${time(Date.parse(note.from) / 1_000, zone)}: ${note.text}${about === '' ? '' : ` (${about})`}`;
          return (
            <div key={note.id} className={`mark ${note.kind}`} data-from={Date.parse(note.from) / 1_000} data-to={Date.parse(note.to) / 1_000}>
              <button type="button" title={said} aria-label={said} onClick={() => setOpen(note)}>{SHAPES[note.kind]}</button>
            </div>
          );
        })}
        {children}
      </div>
      {open && <Note note={open} zone={zone} close={() => setOpen(null)} />}
    </>
  );
}

function Note({ note, zone, close }: { note: Annotation; zone: string; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const client = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const take = async () => {
    try {
      await send('DELETE', `annotations/${note.id}`);
      await client.invalidateQueries({ queryKey: ['annotations'] });
      close();
    } catch (e) {
      setError(e as Error);
    }
  };
  const at = (text: string) => time(Date.parse(text) / 1_000, zone);
  return (
    <dialog ref={dialog} aria-label={note.kind} onClose={close}>
      <h2>{note.kind}</h2>
      <p className="when">{at(note.from)}{note.to !== note.from && ` to ${at(note.to)}`}</p>
      <pre>{note.text}</pre>
      <p className="fine">{Object.entries(note.labels).map(([name, value]) => `${name}="${value}"`).join(', ') || 'of everything'}</p>
      {error && <p role="alert" className="failure">{error.message}</p>}
      <div className="head">
        <button type="button" onClick={close}>Close</button>
        <button type="button" onClick={() => void take()}>Take away</button>
      </div>
    </dialog>
  );
}

/** A button that notes what happened, of the environment and service that the page is about. */
export function Annotate() {
  const { search } = usePage();
  const client = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<Error | null>(null);
  const labels = Object.fromEntries(
    [['environment', search.env], ['service_name', search.service]].filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const add = async (form: HTMLFormElement) => {
    const given = new FormData(form);
    const field = (name: string) => String(given.get(name) ?? '').trim();
    try {
      const from = moment(field('from')) ?? new Date().toISOString();
      await send('POST', 'annotations', { kind: field('kind'), text: field('text'), labels, from, to: moment(field('to')) ?? from });
      await client.invalidateQueries({ queryKey: ['annotations'] });
      form.reset();
      setError(null);
      dialog.current?.close();
    } catch (e) {
      setError(e as Error);
    }
  };
  const about = Object.values(labels).join(' / ') || 'everything';
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>Annotate</button>
      <dialog ref={dialog} aria-label="Annotate">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void add(event.currentTarget);
          }}
        >
          <h2>Annotate {about}</h2>
          <label>
            What{' '}
            <select name="kind" defaultValue="deployment">
              <option value="deployment">deployment</option>
              <option value="incident">incident</option>
              <option value="note">note</option>
            </select>
          </label>
          <label>Text <input type="text" name="text" required maxLength={1_000} /></label>
          <label>When (UTC; empty: now) <input type="text" name="from" placeholder="2026-11-01 12:00" /></label>
          <label>Until (UTC; empty: a moment) <input type="text" name="to" placeholder="2026-11-01 12:30" /></label>
          {error && <p role="alert" className="failure">{error.message}</p>}
          <div className="head">
            <button type="submit" className="main">Save</button>
            <button type="button" onClick={() => dialog.current?.close()}>Leave it</button>
          </div>
        </form>
      </dialog>
    </>
  );
}

/** A time of UTC as people write it; null if there is none. */
export function moment(text: string): string | null {
  if (text === '') return null;
  const at = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  if (Number.isNaN(at.getTime())) throw new Error(`“${text}” is no time like 2026-11-01 12:00`);
  return at.toISOString();
}
