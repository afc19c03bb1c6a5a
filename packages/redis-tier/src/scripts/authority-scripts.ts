import { sequence } from './prelude.ts';
import { type Script, script } from './script.ts';

/*
 * KEYS: the sequence of invalidations. ARGV: 1 run id of the server ("" in Cluster), 2 a fresh generation.
 */
const common = `${sequence}
local t, known, fresh = KEYS[1], ARGV[1], ARGV[2]`;

/** Where the sequence stands; begins a new one when there is none, or when another server wrote it: what that one had and did not hand on is unknown. */
export const attach: Script = script(`${common}
if not redis.call('ZSCORE', t, 'r' .. serverId(known)) then redis.call('DEL', t) end
local gen, seq = stand(t, known, fresh)
return { gen, seq }`);

export const epoch: Script = script(`${common}
local gen, seq = stand(t, known, fresh)
return { gen, seq }`);

/** Forgets everything. ARGV: 3 bus, 4 message. */
export const restart: Script = script(`${common}
redis.call('DEL', t)
stand(t, known, fresh)
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`);

/**
 * One step for all tags. The first write needs no memory, so that a full server does not refuse the others (see remove).
 * ARGV: 3 most members, 4 bus, 5 source, 6 tags for the listeners, 7… members.
 */
export const bump: Script = script(`${common}
redis.call('ZREM', t, '')
local gen, at = stand(t, known, fresh)
local seq = string.format('%.0f', at + 1)
redis.call('ZADD', t, seq, 's')
for i = 7, #ARGV do redis.call('ZADD', t, seq, ARGV[i]) end
prune(t, tonumber(ARGV[3]))
if ARGV[5] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5] .. ' ' .. seq .. ' ' .. gen .. ' ' .. ARGV[6]) end
return { gen, tonumber(seq) }`);

/** In Cluster a key is deleted in two steps; this is the first. ARGV: 3 most members, 4 value key. */
export const note: Script = script(`${common}
redis.call('ZREM', t, '')
local gen, at = stand(t, known, fresh)
local seq = string.format('%.0f', at + 1)
redis.call('ZADD', t, seq, 's', seq, digest(ARGV[4]))
prune(t, tonumber(ARGV[3]))
return { gen, seq }`);

/** Whether something came after an epoch. ARGV: 3 generation, 4 place, 5 value key or "", 6… tags. */
export const check: Script = script(`${common}
local tags = {}
for i = 6, #ARGV do tags[i - 5] = ARGV[i] end
return fenced(t, known, ARGV[3], tonumber(ARGV[4]), ARGV[5] ~= '' and ARGV[5] or nil, tags) and 1 or 0`);

/** What was invalidated after an epoch. ARGV: 3 generation, 4 place. */
export const since: Script = script(`${common}
local gen = where(t, known)
if gen ~= ARGV[3] or after(t, 'f', tonumber(ARGV[4])) then return false end
return redis.call('ZRANGEBYSCORE', t, '(' .. ARGV[4], '+inf', 'WITHSCORES')`);
