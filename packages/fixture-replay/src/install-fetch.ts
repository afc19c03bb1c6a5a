import { ReplayError } from './errors.ts';

// One per process, whichever copy of this package opened them.
const registry = Symbol.for('agent-cache.fixture-replay.sessions');
const holder = globalThis as { [registry]?: Set<object> };

/** The sessions that are open in this process. */
export function openSessions(): Set<object> {
  holder[registry] ??= new Set();
  return holder[registry];
}

/**
 * Puts a `fetch` in the place of the global one until it is disposed of.
 * @throws ReplayError `ERR_REPLAY_CONCURRENT_INSTALL` when it could answer somebody else's requests
 */
export function installFetch(session: object, replacement: typeof fetch, isConcurrent: boolean): Disposable {
  const others = [...openSessions()].filter((open) => open !== session).length;
  if (isConcurrent || others > 0) {
    const who = isConcurrent ? 'this test runs concurrently with others' : `${others} other sessions are open`;
    throw new ReplayError(
      'ERR_REPLAY_CONCURRENT_INSTALL',
      `install() replaces the global fetch, but ${who}: requests would be mixed up. Pass replay.fetch to the client instead.`,
    );
  }
  const original = globalThis.fetch;
  globalThis.fetch = replacement;
  beneath = original;
  return {
    [Symbol.dispose]() {
      beneath = undefined;
      if (globalThis.fetch === replacement) globalThis.fetch = original;
    },
  };
}

let beneath: typeof fetch | undefined;

/** The global `fetch` that makes real calls, also while a session has put itself in its place. */
export function realFetch(): typeof fetch {
  return beneath ?? globalThis.fetch;
}
