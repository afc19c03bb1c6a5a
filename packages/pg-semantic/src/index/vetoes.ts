import type { Candidate } from '../policy.ts';
import type { Site } from './site.ts';

/** A candidate that a guard has refused. */
export interface Veto {
  readonly candidate: Candidate;
  readonly guard: string;
}

/** The candidates that no guard refuses, and the most similar one that a guard did refuse. */
export function withoutVetoed(
  { settings, counts }: Pick<Site, 'settings' | 'counts'>,
  text: string,
  candidates: readonly Candidate[],
): { readonly kept: readonly Candidate[]; readonly veto: Veto | undefined } {
  const kept: Candidate[] = [];
  let veto: Veto | undefined;
  for (const candidate of candidates) {
    const guard = settings.guards.inspect(text, candidate.text).veto;
    if (guard === undefined) kept.push(candidate);
    else {
      counts.veto(guard);
      veto ??= { candidate, guard };
    }
  }
  return { kept, veto };
}
