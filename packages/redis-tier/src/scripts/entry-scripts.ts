import { readEnvelope, sequence } from './prelude.ts';
import { type Script, script } from './script.ts';

/*
 * KEYS of all: value, lease, fence and, unless in Cluster, the sequence of invalidations.
 * Common ARGV: 1 our time, 2 run id of the server ("" in Cluster), 3 a fresh generation, 4 the channel of the bus.
 */
const common = `${readEnvelope}${sequence}
local value, lease, fence, t = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local now, known, fresh, bus = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local function alive(h)
  return h and h.hard > now and not (t and h.epoch and fenced(t, known, h.gen, h.seq, nil, h.tags))
end
local function late(gen, seq, tags)
  if t then return fenced(t, known, gen, seq, value, tags) end
  local mark = redis.call('GET', fence)
  if not mark then return false end
  local at, of = string.match(mark, '^(%d+) (.*)$')
  return of ~= gen or tonumber(at) > seq
end
local function store(data, px)
  if px == '0' then
    redis.call('DEL', value)
    return true
  end
  local done
  if px == '' then done = redis.pcall('SET', value, data) else done = redis.pcall('SET', value, data, 'PX', px) end
  return done.ok ~= nil, done
end
local function tell(message) if message ~= '' then redis.call('PUBLISH', bus, message) end end`;

/** ARGV: 5 token, 6 lease in ms, 7 "1" to take it although a fresh entry is there. */
export const claim: Script = script(`${common}
local v, foreign = get(value)
if foreign == 2 then return v end
local gen, seq = '', 0
if t then gen, seq = stand(t, known, fresh) end
local h = v and read(v)
local live = alive(h)
if live and h.soft > now and ARGV[7] ~= '1' then return { 'hit', v } end
local stale = ''
if v and not h then stale = v elseif live and ARGV[7] ~= '1' then stale = v end
local holder = redis.call('GET', lease)
if holder then return { 'wait', stale, holder, redis.call('PTTL', lease), foreign } end
local taken = redis.pcall('SET', lease, ARGV[5], 'PX', ARGV[6])
if taken.ok then return { 'lease', stale, gen, seq, foreign } end
return { 'full', stale, gen, seq, foreign, taken.err }`);

/** ARGV: 5 token, 6 what to store, 7 its life in ms, 8 message, 9 message when nothing is stored. */
export const commit: Script = script(`${common}
if redis.call('GET', lease) ~= ARGV[5] then return 0 end
local h = read(ARGV[6])
if h.epoch and late(h.gen, h.seq, h.tags) then
  redis.call('DEL', lease)
  tell(ARGV[9])
  return 0
end
local done, problem = store(ARGV[6], ARGV[7])
redis.call('DEL', lease)
tell(done and ARGV[8] or ARGV[9])
return done and 1 or problem`);

/**
 * A value that was computed without a lease does not replace a live one: that may have been set since. In Cluster, where a script cannot tell
 * what is alive, one of an earlier place in the sequence may be replaced.
 * ARGV: 5 what to store, 6 its life in ms, 7 "1" only if absent, 8 message, 9 the server's time after which it is too late, 10 generation and 11 place
 * of the epoch that must still hold.
 */
export const write: Script = script(`${common}
local time = redis.call('TIME')
if time[1] * 1000 + time[2] / 1000 > tonumber(ARGV[9]) then return { -1, 0 } end
if ARGV[10] then
  if late(ARGV[10], tonumber(ARGV[11]), read(ARGV[5]).tags) then return { 0, 0 } end
  local there = get(value)
  local other = type(there) == 'string' and read(there)
  if alive(other) and other.soft > now and (t or other.seq >= tonumber(ARGV[11])) then return { 0, 0 } end
end
if ARGV[7] == '1' then
  local old = get(value)
  local h = old and read(old)
  if h and h.hard > now then return { 0, 0 } end
  if old and not h and string.byte(old, 1) == 172 and string.byte(old, 2) > 1 then return { 0, 0 } end
end
local before = redis.call('EXISTS', value)
local done, problem = store(ARGV[5], ARGV[6])
if not done then return problem end
if not ARGV[10] and ARGV[7] ~= '1' then redis.call('DEL', lease) end
tell(ARGV[8])
return { 1, before }`);

/**
 * The value is removed first: a server that is full refuses a script whose first write needs memory, and lets one finish that has begun.
 * ARGV: 5 message (without Cluster its place and generation are put in front of its last part), 6 most members, in Cluster 7 place, 8 generation, 9 life of the fence in ms.
 */
export const remove: Script = script(`${common}
local old = get(value)
local h = type(old) == 'string' and read(old)
redis.call('DEL', value, lease)
local gen, seq = ARGV[8], ARGV[7]
if t then
  local at
  gen, at = stand(t, known, fresh)
  seq = string.format('%.0f', at + 1)
  redis.call('ZADD', t, seq, 's', seq, digest(value))
  prune(t, tonumber(ARGV[6]))
else
  redis.call('SET', fence, seq .. ' ' .. gen, 'PX', ARGV[9])
end
local source, key = string.match(ARGV[5], '^(.-) (.*)$')
tell(source .. ' ' .. seq .. ' ' .. gen .. ' ' .. key)
return { h and h.hard > now and 1 or 0, gen, seq, old and 1 or 0 }`);

/** Who holds the lease, for how long, and the entry when it is there. */
export const settle: Script = script(`${common}
local v = get(value)
local h = type(v) == 'string' and read(v)
local usable = alive(h) and h.soft > now
return { redis.call('GET', lease) or '', redis.call('PTTL', lease), usable and v or '' }`);

/** KEYS: lease. ARGV: token, ms. */
export const renew: Script = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`);

/** KEYS: lease. ARGV: token, bus, message. */
export const release: Script = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1`);

/** Removes what was found to be unreadable, unless something else is there by now. KEYS: value. ARGV: what was found; nothing when it is of another type. */
export const discard: Script = script(`
local v = redis.pcall('GET', KEYS[1])
if type(v) == 'table' or v == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`);
