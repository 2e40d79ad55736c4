import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter, useRouterState } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { read, send, type Settings, type Views } from './api';
import { useSettings } from './search';

/** Views by name, to open, save and take away, and what holds where an address says nothing. */
export function Saved({ now }: { now: Settings }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        onClick={() => {
          setOpen(true);
          dialog.current?.showModal();
        }}
      >
        Views
      </button>
      <dialog ref={dialog} aria-label="Views" onClose={() => setOpen(false)}>
        {open && <List now={now} close={() => dialog.current?.close()} />}
      </dialog>
    </>
  );
}

function List({ now, close }: { now: Settings; close: () => void }) {
  const router = useRouter();
  const address = useRouterState({ select: (state) => state.location.href });
  const client = useQueryClient();
  const settings = useSettings();
  const [name, setName] = useState('');
  const views = useQuery({ queryKey: ['views'], queryFn: ({ signal }) => read<Views>('views', signal) });
  const change = useMutation({
    mutationFn: (change: () => Promise<void>) => change(),
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ['views'] }), client.invalidateQueries({ queryKey: ['settings'] })]),
  });
  const error = change.error ?? views.error;
  return (
    <>
      <h2>Views</h2>
      <ul className="saved">
        {(views.data?.views ?? []).map((view) => (
          <li key={view.name}>
            <a
              href={view.address}
              onClick={(event) => {
                event.preventDefault();
                close();
                router.history.push(view.address);
              }}
            >
              {view.name}
            </a>
            <button
              type="button"
              aria-label={`Take away: ${view.name}`}
              onClick={() => change.mutate(() => send('DELETE', `views?${new URLSearchParams({ name: view.name })}`))}
            >
              Take away
            </button>
          </li>
        ))}
        {views.data?.views.length === 0 && <li className="fine">None is saved yet.</li>}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(() => send('POST', 'views', { name, address }), { onSuccess: () => setName('') });
        }}
      >
        <label>Name <input type="text" required maxLength={100} value={name} onChange={({ target }) => setName(target.value)} /></label>
        {error && <p role="alert" className="failure">{error.message}</p>}
        <label>
          Address of a trace, for all{' '}
          <input
            type="text"
            placeholder="https://traces.example/trace/{trace_id}"
            defaultValue={settings.trace_link}
            onBlur={({ target }) => {
              if (target.value !== (settings.trace_link ?? '')) change.mutate(() => send('POST', 'settings', { trace_link: target.value.trim() }));
            }}
          />
        </label>
        <div className="head">
          <button type="submit" className="main">Save what is on screen</button>
          <button type="button" onClick={() => change.mutate(() => send('POST', 'settings', now))}>
            Make this time zone and these colours the default
          </button>
          <button type="button" onClick={close}>Close</button>
        </div>
        <p className="fine" role="status">{change.isSuccess && 'Done.'}</p>
      </form>
    </>
  );
}
