import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useHeld } from './queries';
import { kept, usePage } from './search';

const MARKS: Record<string, string> = {
  ok: '●', met: '●', quiet: '●', resolved: '●',
  warning: '▲', pending: '▲', undetermined: '◆', waiting: '◆',
  critical: '■', breached: '■', firing: '■', page: '■', ticket: '▲', info: '◆',
};

/** A state by colour, shape and word. */
export function State({ of }: { of: string }) {
  return (
    <span className={`state ${of}`}>
      <span aria-hidden="true">{MARKS[of] ?? '◆'}</span> {of}
    </span>
  );
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <div className="failure" role="alert">
      <pre>{error.message}</pre>
      {retry && <button type="button" onClick={retry}>Try again</button>}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return <p className="loading" role="status">Reading {what} …</p>;
}

export function Tile({ name, children, note }: { name: string; children: ReactNode; note?: ReactNode }) {
  return (
    <div className="tile">
      <span className="name">{name}</span>
      <strong>{children}</strong>
      <span className="note">{note ?? '\u00a0'}</span>
    </div>
  );
}

/** The statement behind what is shown, to copy or to go on with; what was known at a time is read from tables that are gone by then. */
export function Statement({ sql, what }: { sql: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const { search } = usePage();
  const held = useHeld();
  const copy = async () => {
    await navigator.clipboard.writeText(sql);
    setCopied(true);
  };
  if (search.asof !== undefined) return null;
  return (
    <details className="statement">
      <summary>The SQL of {what}</summary>
      <p>
        <button type="button" onClick={() => void copy()}>{copied ? 'Copied' : 'Copy'}</button>{' '}
        {!held && <Link to="/explore" search={{ ...kept(search), sql }}>Open in Explore</Link>}
      </p>
      <pre tabIndex={0}>{sql}</pre>
    </details>
  );
}

export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
