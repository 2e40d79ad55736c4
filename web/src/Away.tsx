import { type QueryCache, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Away } from './api';
import { time } from './format';
import { usePage } from './search';

/** Longer than a start takes, also of much data. */
const LONG_SECONDS = 60;

/**
 * Who is away, as questions tell that are asked again; Firn before its engine, null where all is well. On a live page those
 * count, too, that were asked often enough, until their next turn.
 */
export function absent(cache: Pick<QueryCache, 'getAll'>, live: boolean): Away['who'] | null {
  const reasons = cache.getAll().flatMap((query) => {
    const { fetchFailureReason, error } = query.state;
    const turns = live && query.isActive() && query.options.retry !== false;
    const reason: unknown = query.state.fetchStatus === 'idle' ? turns && error : (fetchFailureReason ?? (turns && error));
    return reason instanceof Away ? [reason.who] : [];
  });
  return reasons.includes('Firn') ? 'Firn' : (reasons[0] ?? null);
}

const WORDS = {
  Firn: 'Firn does not answer: it is restarting, or the network to it is down. Senders keep their points and send them again.',
  engine:
    'The engine, which answers questions, is away; Firn starts it again, mostly within seconds. Points that come meanwhile are kept, none is lost.',
};

/** Says on every page that what is shown may be old, and that nobody needs to reload it. */
export function AwayNotice() {
  const cache = useQueryClient().getQueryCache();
  const { zone, live } = usePage();
  const who = useSyncExternalStore(
    (changed) => cache.subscribe(changed),
    () => absent(cache, live),
  );
  const since = useRef(0);
  const [, tick] = useState(0);
  useEffect(() => {
    if (who === null) return;
    const timer = setInterval(() => tick((count) => count + 1), 1_000);
    return () => {
      clearInterval(timer);
      since.current = 0;
    };
  }, [who === null]);
  if (who === null) return null;
  since.current ||= Date.now() / 1_000;
  const seconds = Math.round(Date.now() / 1_000 - since.current);
  return (
    <div className="failure away">
      <p role="status">
        <b>{WORDS[who]}</b> What is shown is from before {time(since.current, zone)}; this page asks again each second by itself.
      </p>
      <p className="fine">
        Away for {seconds} s.{' '}
        {seconds >= LONG_SECONDS && (who === 'engine' ? 'That is long: look at Pipeline, and at Firn’s log.' : 'That is long: look whether Firn runs, and at its log.')}
      </p>
    </div>
  );
}
