import { canonicalJson } from '@agent-cache/core-key';
import type { Exchange, RecordedRequest } from './fixture-format.ts';
import { isObject } from './json-value.ts';
import { changesBetween } from './miss-kind.ts';

/** Only the best few by a cheap measure are compared in detail. */
const maxCompared = 5;

/** The recorded exchange that a request most likely was meant to be; one that is still to come rather than one that is used. */
export function nearestTo(
  request: RecordedRequest,
  exchanges: readonly Exchange[],
  used: ReadonlySet<number>,
): number | undefined {
  const wanted = partsOf(request);
  const rough = exchanges.map((exchange, index) => ({ index, shared: sharedWith(wanted, partsOf(exchange.request)) }));
  const best = rough
    .sort((left, right) => right.shared - left.shared || left.index - right.index)
    .slice(0, maxCompared);
  const detailed = best.map(({ index }) => {
    const changes = changesBetween((exchanges[index] as Exchange).request, request).length;
    return { index, cost: changes * 2 + (used.has(index) ? 1 : 0) };
  });
  return detailed.sort((left, right) => left.cost - right.cost || left.index - right.index)[0]?.index;
}

/** The parts of a request that can be equal one by one: the address, each field, each element of a list at its place. */
function partsOf({ method, url, body }: RecordedRequest): Set<string> {
  const parts = new Set([`${method} ${url}`]);
  if (!isObject(body)) return parts;
  for (const [name, value] of Object.entries(body)) {
    if (!Array.isArray(value)) parts.add(`${name} ${canonicalJson(value)}`);
    else for (const [index, item] of value.entries()) parts.add(`${name}/${index} ${canonicalJson(item)}`);
  }
  return parts;
}

function sharedWith(wanted: ReadonlySet<string>, parts: ReadonlySet<string>): number {
  let shared = 0;
  for (const part of wanted) if (parts.has(part)) shared++;
  return shared / Math.max(1, Math.max(wanted.size, parts.size));
}
