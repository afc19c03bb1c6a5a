import { expect } from 'vitest';
import { objectOf } from './json-value.ts';
import type { ReplayMode } from './mode.ts';

/**
 * The mode that vitest's own snapshots are in: `-u` records, a CI run replays. vitest 5 tells it by `snapshotUpdateState`, 4 by a private field;
 * where neither is there, the variable FIXTURE_REPLAY and `CI` still decide.
 */
export function modeOfRunner(): ReplayMode {
  const { snapshotState } = expect.getState();
  const { snapshotUpdateState, _updateSnapshot } = objectOf(snapshotState);
  const update = snapshotUpdateState ?? _updateSnapshot;
  if (update === 'all') return 'record';
  return update === 'none' ? 'replay' : 'auto';
}
