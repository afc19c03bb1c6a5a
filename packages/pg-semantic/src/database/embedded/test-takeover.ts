import { eventually } from '@agent-cache/core-tier/testing';
import type { Child } from './test-children.ts';

/** Other tests may be busy with the same processors. */
const patient = { withinMs: 30_000 };

/** What became of rows that several processes wrote while their owners were killed. */
export interface Takeover {
  /** rows whose insert was acknowledged */
  readonly kept: readonly number[];
  readonly failed: readonly { readonly code: string; readonly retriable: boolean }[];
  /** how many processes owned the directory after each kill, and at the end */
  readonly owners: readonly number[];
}

/** The children insert so many rows together; each time that so many are acknowledged, the one that owns the directory is killed. */
export async function takeOver(
  children: readonly Child[],
  { rows, kills }: { readonly rows: number; readonly kills: readonly number[] },
): Promise<Takeover> {
  const kept: number[] = [];
  const failed: { code: string; retriable: boolean }[] = [];
  const owners: number[] = [];
  const done = new Set<Child>();
  let [owner] = await ownersAmong(children);
  for (const [index, child] of children.entries()) {
    child.onNews((news) => {
      if (news.is === 'kept') kept.push(news.row);
      if (news.is === 'failed') failed.push(news);
    });
    const count = Math.ceil(rows / children.length);
    void child.order({ does: 'insert', from: index * count, count }, 'done').then(() => done.add(child));
  }
  for (const enough of kills) {
    await eventually(`${enough} rows are acknowledged`, () => kept.length >= enough, patient);
    await owner?.kill();
    const found = await eventually('another process takes over', () => someOwnersAmong(children), patient);
    owners.push(found.length);
    owner = found[0];
  }
  await eventually('the rest is done', () => done.size === children.length - kills.length, patient);
  owners.push((await ownersAmong(children)).length);
  return { kept, failed, owners };
}

async function someOwnersAmong(children: readonly Child[]): Promise<readonly Child[] | false> {
  const found = await ownersAmong(children);
  return found.length > 0 && found;
}

/** Those of the living that own the directory. */
export async function ownersAmong(children: readonly Child[]): Promise<readonly Child[]> {
  const living = children.filter((child) => child.isAlive);
  const answers = await Promise.all(living.map((child) => child.order({ does: 'who owns' }, 'owner')));
  return living.filter((_, index) => answers[index]?.owner === true);
}
