import { channels, type LookupMessage, type UpstreamMessage } from '@agent-cache/core-tier';
import { onTestFinished } from 'vitest';
import { createRecorder, type Recorder, type RecorderOptions } from './recorder.ts';

/** A recorder that stops with its test. Without a price of its own it knows none: the table is for the tests of the table. */
export function startRecorder(options: RecorderOptions = {}): Recorder {
  const recorder = createRecorder({ table: false, ...options });
  onTestFinished(() => recorder.stop());
  return recorder;
}

export function lookup(message: Partial<LookupMessage>): void {
  channels.lookup.publish({ namespace: 'shop', kind: 'llm', key: 'k', outcome: 'hit', durationMs: 1, ...message });
}

export function hit(message: Partial<LookupMessage> = {}): void {
  lookup({ outcome: 'hit', tier: 'memory', ...message });
}

/** A miss that the answer index answers, and the copy that is stored of it. */
export function hitByMeaning(message: Partial<LookupMessage> = {}): void {
  const { cost, tenant } = message;
  lookup({ outcome: 'miss', ...message, cost: undefined });
  lookup({ outcome: 'semantic', tier: 'meaning', ...message });
  const key = message.key ?? 'k';
  channels.store.publish({
    namespace: 'shop',
    kind: 'llm',
    key,
    tenant,
    outcome: 'stored',
    tiers: [],
    copied: true,
    cost,
  });
}

export function upstream(message: Partial<UpstreamMessage> = {}): void {
  const base = { namespace: 'shop', kind: 'llm', key: 'k', name: 'openai', outcome: 'ok', durationMs: 800 } as const;
  channels.upstream.publish({ ...base, ...message });
}
