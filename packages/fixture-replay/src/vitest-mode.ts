import { expect } from 'vitest';
import type { ReplayMode } from './mode.ts';

/** The mode that vitest's own snapshots are in: `-u` and the watch key `u` record, a CI run replays. */
export function modeOfRunner(): ReplayMode {
  const update = expect.getState().snapshotState.snapshotUpdateState;
  if (update === 'all') return 'record';
  return update === 'none' ? 'replay' : 'auto';
}
