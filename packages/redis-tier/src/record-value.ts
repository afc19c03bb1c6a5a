import { RedisTierError } from './errors.ts';
import { bodyOf, partsOf } from './value-body.ts';

const version = 1;

/** A field or item: a version, the length of its text, the text, byte arrays. */
export function encodeRecordValue(value: unknown): Buffer {
  let body: ReturnType<typeof bodyOf>;
  try {
    body = bodyOf([], value);
  } catch (cause) {
    const message = 'a field or item cannot be stored: it must be JSON, with Uint8Array at any depth';
    throw new RedisTierError('ERR_REDIS_TIER_UNSTORABLE', message, { cause });
  }
  const text = Buffer.from(body.text);
  const head = Buffer.alloc(5);
  head[0] = version;
  head.writeUInt32BE(text.byteLength, 1);
  return Buffer.concat([head, text, ...body.sections]);
}

/** undefined when it cannot be read. */
export function decodeRecordValue(data: Buffer): { readonly value: unknown } | undefined {
  if (data[0] !== version || data.byteLength < 5) return undefined;
  const textEnd = 5 + data.readUInt32BE(1);
  try {
    return { value: partsOf(data.toString('utf8', 5, textEnd), data.subarray(textEnd), 0).value };
  } catch {
    return undefined;
  }
}
