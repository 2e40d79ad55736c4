import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { again, ask, Away, file, prom, read, send } from './api';
import { absent } from './Away';

afterEach(() => vi.unstubAllGlobals());

/** A body of which the beginning comes, and then the connection is gone. */
function broken(beginning: string): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(beginning));
    },
    pull(controller) {
      controller.error(new TypeError('network error'));
    },
  });
  return new Response(body);
}

/** Each asking gets the next answer; gives how often was asked. */
function answers(...given: (Response | Error)[]): () => number {
  const asked = vi.fn(async () => {
    const next = given.shift();
    if (next === undefined || next instanceof Error) throw next ?? new Error('was asked too often');
    return next;
  });
  vi.stubGlobal('fetch', asked);
  return () => asked.mock.calls.length;
}

function asking<T>(client: QueryClient, queryFn: () => Promise<T>): Promise<T> {
  return client.fetchQuery({ queryKey: ['one'], queryFn, retry: again, retryDelay: 0 });
}

test('an answer that breaks off is asked for again', async () => {
  for (const [question, whole] of [
    [() => read('planes'), '{"planes": []}'],
    [() => ask('SELECT 1'), '{"meta": [], "data": []}'],
    [() => prom('query', []), '{"status": "success", "data": []}'],
  ] as const) {
    const asked = answers(broken(whole.slice(0, 9)), new TypeError('Failed to fetch'), new Response(whole));
    expect(await asking<unknown>(new QueryClient(), question)).toEqual(JSON.parse(whole));
    expect(asked()).toBe(3);
  }
});

test('a file that breaks off is Away', async () => {
  answers(broken('a,b\n'));
  await expect(file('SELECT 1', 'CSVWithNames')).rejects.toBeInstanceOf(Away);
});

test('a change is not made twice: neither without an answer nor with half of one', async () => {
  for (const answer of [new TypeError('Failed to fetch'), new Response(broken('cannot').body, { status: 500 })]) {
    const asked = answers(answer);
    const failure = await asking(new QueryClient(), () => send('POST', 'annotations', {})).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(Away);
    expect(asked()).toBe(1);
  }
});

test('who is away is told until an answer comes: Firn before its engine', async () => {
  const client = new QueryClient();
  const cache = client.getQueryCache();
  const seen: unknown[] = [];
  cache.subscribe(() => {
    const who = absent(cache, true);
    if (seen.at(-1) !== who) seen.push(who);
  });
  answers(new Response('cannot run SQL: the engine does not answer', { status: 503 }), broken('{'), new Response('{}'));
  await asking(client, () => read('planes'));
  expect(seen).toEqual([null, 'engine', 'Firn', null]);
});

test('a question that is given up is told of where it has another turn: on a live page that shows it', async () => {
  const client = new QueryClient();
  const cache = client.getQueryCache();
  for (const [retry, told] of [[0, 'engine'], [false, null]] as const) {
    answers(new Response('cannot run SQL', { status: 503 }));
    const observer = new QueryObserver(client, { queryKey: [retry], queryFn: () => read('planes'), retry });
    const leave = observer.subscribe(() => undefined);
    await vi.waitUntil(() => observer.getCurrentResult().isError);
    expect([absent(cache, true), absent(cache, false)]).toEqual([told, null]);
    leave();
    expect(absent(cache, true)).toBeNull();
  }
});

test('who went away from a question gets what aborting gives', async () => {
  const gone = new AbortController();
  answers(broken('{'));
  const answer = read('planes', gone.signal);
  gone.abort();
  await expect(answer).rejects.not.toBeInstanceOf(Away);
});
