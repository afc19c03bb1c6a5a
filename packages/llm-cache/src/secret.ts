import { createHmac, randomBytes } from 'node:crypto';
import type { Cache, Records } from '@agent-cache/core-tier';
import { reportTrouble } from './trouble.ts';
import { within } from './within.ts';

const OWNER = 'llm-cache/secret';
const FIELD = 'key';
/** A store that is slow or hung must not hold up the first call. */
const DEADLINE_MS = 250;

/** Digests credentials with a key that is not in the code, so that nobody can test a guess against what is stored. */
export type CredentialDigest = (credential: string) => string | Promise<string>;

interface SecretSources {
  readonly secret: string | undefined;
  readonly records: Records | undefined;
  readonly cache: Cache;
}

/** The key is looked for when it is first needed: given, in the environment, in a shared tier's records, or made for this process. */
export function createCredentialDigest(sources: SecretSources): CredentialDigest {
  const given = sources.secret ?? (process.env.AGENT_CACHE_SECRET || undefined);
  let secret: string | undefined = given;
  let finding: Promise<string> | undefined;
  return (credential) => {
    if (secret !== undefined) return digestOf(secret, credential);
    finding ??= findSecret(sources.records ?? deepestRecords(sources.cache)).then((found) => {
      secret = found;
      return found;
    });
    return finding.then((found) => digestOf(found, credential));
  };
}

/** 128 bits tell credentials apart as surely as 256, in a key half as long. */
function digestOf(secret: string, credential: string): string {
  return createHmac('sha256', secret).update(credential).digest('hex').slice(0, 32);
}

async function findSecret(records: Records | undefined): Promise<string> {
  const own = randomBytes(32).toString('hex');
  if (records === undefined) return own;
  try {
    return await within(sharedSecret(records, own), DEADLINE_MS);
  } catch (cause) {
    const message =
      'The secret that credentials are digested with could not be read from the shared tier: until it restarts, this process shares no entries with others. Set AGENT_CACHE_SECRET to be independent of it.';
    reportTrouble('ERR_LLM_CACHE_SECRET', message, { operation: 'secret', cause });
    return own;
  }
}

/** The first process to come makes it; all others, and that one again, read it. */
async function sharedSecret(records: Records, own: string): Promise<string> {
  const there = await readSecret(records);
  if (there !== undefined) return there;
  await records.write(OWNER, { set: new Map([[FIELD, own]]), ifVersion: 0 });
  const agreed = await readSecret(records);
  if (agreed === undefined) throw new Error('the record was written and is not there');
  return agreed;
}

async function readSecret(records: Records): Promise<string | undefined> {
  const found = await records.read(OWNER, { fields: [FIELD] });
  const value = found?.fields.get(FIELD);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Tiers are listed from the top down. */
function deepestRecords(cache: Cache): Records | undefined {
  const tiers = [...cache.stats().tiers.keys()].map((name) => cache.tier(name));
  return tiers.findLast((tier) => tier?.records !== undefined)?.records;
}
