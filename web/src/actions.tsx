import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { act } from './api';

interface Props {
  /** What the button says. */
  label: string;
  /** What of, for those who do not see where the button stands. */
  of: string;
  task: string;
  parameters: Record<string, string>;
  /** Queries that show what was done. */
  shows: string;
}

function useTask({ task, shows }: Pick<Props, 'task' | 'shows'>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (parameters: Record<string, string>) => act(task, parameters),
    onSuccess: () => client.invalidateQueries({ queryKey: [shows] }),
  });
}

/** A button that has something done at once. */
export function Now({ label, of, task, parameters, shows }: Props) {
  const doing = useTask({ task, shows });
  return (
    <>
      <button type="button" aria-label={`${label}: ${of}`} disabled={doing.isPending} onClick={() => doing.mutate(parameters)}>
        {label}
      </button>
      {doing.error && <span role="alert">{doing.error.message}</span>}
    </>
  );
}

const HOURS = { '1': 'for an hour', '8': 'for 8 hours', '24': 'for a day', '168': 'for a week' } as const;

/** A button that asks for how long from now and why, and then has something done from a moment on: now, or one before. */
export function ForSoLong({ label, of, task, parameters, shows, from, children }: Props & { from?: number; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [hours, setHours] = useState('8');
  const [comment, setComment] = useState('');
  const doing = useTask({ task, shows });
  const send = () => {
    const now = Date.now();
    const begin = from === undefined ? now : Math.min(now, from * 1_000);
    const to = new Date(now + Number(hours) * 3_600_000).toISOString();
    doing.mutate(
      { ...parameters, from: new Date(begin).toISOString(), to, comment },
      { onSuccess: () => dialog.current?.close() },
    );
  };
  return (
    <>
      <button type="button" aria-label={`${label}: ${of}`} onClick={() => dialog.current?.showModal()}>{label}</button>
      <dialog ref={dialog} aria-label={`${label}: ${of}`}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <h2>{label}</h2>
          {children}
          <label>
            How long from now{' '}
            <select value={hours} onChange={({ target }) => setHours(target.value)}>
              {Object.entries(HOURS).map(([value, text]) => (
                <option key={value} value={value}>{text}</option>
              ))}
            </select>
          </label>
          <label>
            Why <input type="text" maxLength={500} value={comment} onChange={({ target }) => setComment(target.value)} />
          </label>
          {doing.error && <p role="alert" className="failure">{doing.error.message}</p>}
          <div className="head">
            <button type="submit" className="main" disabled={doing.isPending}>{label}</button>
            <button type="button" onClick={() => dialog.current?.close()}>Leave it</button>
          </div>
        </form>
      </dialog>
    </>
  );
}

/** Hands a file to the browser. */
export function save(blob: Blob, name: string) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
