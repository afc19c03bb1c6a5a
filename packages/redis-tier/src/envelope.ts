import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Entry, EntryCost, Epoch } from '@agent-cache/core-tier';
import { RedisTierError } from './errors.ts';
import { fromWire, toWire } from './text.ts';
import { bodyOf, partsOf } from './value-body.ts';

/*
 * What is stored of an entry. Whatever a script on the server has to know stands in front, at fixed places or with its length:
 *
 *   0  0xAC            1  version       2  flags
 *   3  soft end        9  hard end     15  place in the sequence      (48 bits each, big endian; all ones: never)
 *  21  length of the generation (8 bits), generation
 *      number of tags (16), then for each its length (16) and text
 *      checksum of the key, what stands before and what comes after (32), length of the text in it (32)
 *      the rest, compressed or not: JSON text with the value, then its byte arrays
 */
const magic = 0xac;
/** Envelopes of other versions are left alone: during a rolling deploy they belong to somebody else. */
const version = 1;
const fixedLength = 22;
const never = 2 ** 48 - 1;
/** No value is larger than what the server takes; a corrupt length must not make us allocate more. */
const maxBytes = 512 * 1024 * 1024;

const flag = { compressed: 1, epoch: 2, value: 4, absent: 8, error: 12 } as const;
const kindMask = 12;

/** What was read is not an envelope of any version, or is damaged. */
export class UnreadableError extends Error {
  readonly foreign: boolean;

  constructor(message: string, foreign: boolean) {
    super(message);
    this.foreign = foreign;
  }
}

/**
 * @throws RedisTierError ERR_REDIS_TIER_UNSTORABLE when the value is not JSON with bytes in it
 */
export function encodeEntry(key: string, entry: Entry, compressAboveBytes: number): Buffer {
  const { text, sections } = describe(entry);
  const plain = Buffer.concat([Buffer.from(text), ...sections]);
  const compressed = plain.byteLength > compressAboveBytes ? deflateRawSync(plain, { level: 1 }) : undefined;
  const smaller = compressed !== undefined && compressed.byteLength < plain.byteLength;
  const rest = smaller ? compressed : plain;
  const textLength = plain.byteLength - sections.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const kind = entry.kind === undefined ? 0 : flag[entry.kind];
  const flags = (smaller ? flag.compressed : 0) | (entry.epoch === undefined ? 0 : flag.epoch) | kind;
  const head = Buffer.concat([headOf(entry, flags), tagsOf(entry)]);
  return Buffer.concat([head, trailerOf(checksumOf(key, head, rest), textLength), rest]);
}

function describe(entry: Entry): ReturnType<typeof bodyOf> {
  const { createdAt, expiresAt, staleUntil, cost } = entry;
  const written = cost && { ...cost, ...(cost.picoUsd === undefined ? {} : { picoUsd: String(cost.picoUsd) }) };
  try {
    return bodyOf([createdAt, expiresAt ?? null, staleUntil ?? null, written ?? null], entry.value);
  } catch (cause) {
    throw new RedisTierError(
      'ERR_REDIS_TIER_UNSTORABLE',
      'the value cannot be stored: it must be JSON, with Uint8Array at any depth; convert bigint, Map, Set and cycles first',
      { cause },
    );
  }
}

function headOf({ expiresAt, staleUntil, epoch }: Entry, flags: number): Buffer {
  const generation = Buffer.from(epoch?.generation ?? '');
  const head = Buffer.alloc(fixedLength);
  head[0] = magic;
  head[1] = version;
  head[2] = flags;
  head.writeUIntBE(endFor(expiresAt), 3, 6);
  head.writeUIntBE(endFor(staleUntil ?? expiresAt), 9, 6);
  head.writeUIntBE(epoch?.sequence ?? 0, 15, 6);
  head[21] = generation.byteLength;
  if (generation.byteLength > 255) throw new RangeError('a generation is longer than 255 bytes');
  return Buffer.concat([head, generation]);
}

/** Rounded up: the server must not end an entry before we would. */
function endFor(at: number | undefined): number {
  if (at === undefined) return never;
  return Math.min(never, Math.max(0, Math.ceil(at)));
}

function tagsOf({ tags = [] }: Entry): Buffer {
  if (tags.length === 0) return Buffer.alloc(2);
  const parts: Buffer[] = [sixteenBits(tags.length)];
  for (const tag of tags) {
    const text = Buffer.from(toWire(tag));
    parts.push(sixteenBits(text.byteLength), text);
  }
  return Buffer.concat(parts);
}

function sixteenBits(count: number): Buffer {
  if (count > 0xffff) {
    throw new RedisTierError(
      'ERR_REDIS_TIER_UNSTORABLE',
      'an entry has more than 65,535 tags, or a tag of that length',
    );
  }
  return Buffer.from([count >> 8, count & 0xff]);
}

function trailerOf(checksum: number, textLength: number): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32BE(checksum, 0);
  trailer.writeUInt32BE(textLength, 4);
  return trailer;
}

/** The entry, or undefined when another version of this package wrote it. @throws UnreadableError */
export function decodeEntry(key: string, data: Buffer): Entry | undefined {
  if (data[0] !== magic || data.byteLength < 2) throw new UnreadableError('it does not begin like an entry', true);
  if (data[1] !== version) return undefined;
  try {
    return readEntry(key, data);
  } catch (error) {
    throw new UnreadableError(error instanceof Error ? error.message : String(error), false);
  }
}

function readEntry(key: string, data: Buffer): Entry {
  const flags = data.readUInt8(2);
  const generationEnd = fixedLength + data.readUInt8(21);
  const { tags, end } = readTags(data, generationEnd);
  const rest = data.subarray(end + 8);
  if (checksumOf(key, data.subarray(0, end), rest) !== data.readUInt32BE(end)) {
    throw new RangeError('its checksum does not match');
  }
  const plain = (flags & flag.compressed) === 0 ? rest : inflateRawSync(rest, { maxOutputLength: maxBytes });
  const textLength = data.readUInt32BE(end + 4);
  const { meta, value } = partsOf(plain.toString('utf8', 0, textLength), plain.subarray(textLength), 4);
  const [createdAt, expiresAt, staleUntil, cost] = meta as Meta;
  const entry: { -readonly [Name in keyof Entry]: Entry[Name] } = { value, createdAt };
  if (expiresAt !== null) entry.expiresAt = expiresAt;
  if (staleUntil !== null) entry.staleUntil = staleUntil;
  if (tags.length > 0) entry.tags = tags;
  if ((flags & flag.epoch) !== 0) entry.epoch = epochOf(data, generationEnd);
  const kind = flags & kindMask;
  if (kind !== 0) entry.kind = kind === flag.value ? 'value' : kind === flag.absent ? 'absent' : 'error';
  if (cost !== null) entry.cost = costOf(cost);
  return entry;
}

type WrittenCost = Omit<EntryCost, 'picoUsd'> & { readonly picoUsd?: string };
type Meta = readonly [createdAt: number, expiresAt: number | null, staleUntil: number | null, cost: WrittenCost | null];

function epochOf(data: Buffer, generationEnd: number): Epoch {
  return { generation: data.toString('utf8', fixedLength, generationEnd), sequence: data.readUIntBE(15, 6) };
}

/** The key is in it: an entry must never answer for another key, whatever mixed them up on the way. */
function checksumOf(key: string, head: Buffer, rest: Buffer): number {
  return crc32(rest, crc32(head, crc32(key)));
}

function readTags(data: Buffer, from: number): { readonly tags: readonly string[]; readonly end: number } {
  const tags: string[] = [];
  let at = from + 2;
  for (let left = data.readUInt16BE(from); left > 0; left -= 1) {
    const end = at + 2 + data.readUInt16BE(at);
    if (end > data.byteLength) throw new RangeError('a tag is cut off');
    tags.push(fromWire(data.toString('utf8', at + 2, end)));
    at = end;
  }
  return { tags, end: at };
}

function costOf({ picoUsd, ...rest }: WrittenCost): EntryCost {
  return picoUsd === undefined ? rest : { ...rest, picoUsd: BigInt(picoUsd) };
}
