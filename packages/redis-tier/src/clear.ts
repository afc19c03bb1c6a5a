import type { Connection } from './client.ts';

/** Removes every key under a prefix but one, node by node. The only place that looks through the keys of the server. */
export async function removeAll(
  nodes: readonly Pick<Connection, 'callBuffer'>[],
  prefix: string,
  except: string,
  isCluster: boolean,
): Promise<void> {
  const pattern = `${prefix.replace(/[*?[\]\\]/g, '\\$&')}*`;
  await Promise.all(nodes.map((node) => removeFrom(node, pattern, except, isCluster)));
}

async function removeFrom(
  node: Pick<Connection, 'callBuffer'>,
  pattern: string,
  except: string,
  isCluster: boolean,
): Promise<void> {
  let cursor = '0';
  do {
    const reply = await node.callBuffer('scan', [cursor, 'match', pattern, 'count', 1_000]);
    const [next, found] = reply as [Buffer, Buffer[]];
    const keys = found.filter((key) => String(key) !== except);
    // Keys of one command must share a slot there.
    if (isCluster) await Promise.all(keys.map((key) => node.callBuffer('unlink', [key])));
    else if (keys.length > 0) await node.callBuffer('unlink', keys);
    cursor = String(next);
  } while (cursor !== '0');
}
