import { type Script, script } from './script.ts';

/*
 * One hash per owner: m holds "<version> <first item> <next item> <end in ms, or ->", f<name> a field as "<end, or ->;<value>", i<number> an item.
 * KEYS: the hash. ARGV 1: our time.
 */
const common = `
local k, now = KEYS[1], tonumber(ARGV[1])
local function meta()
  local m = redis.call('HGET', k, 'm')
  if not m then return nil end
  local version, first, after, ends = string.match(m, '^(%d+) (%d+) (%d+) (%S+)$')
  if ends ~= '-' and tonumber(ends) <= now then return nil end
  return { version = tonumber(version), first = tonumber(first), after = tonumber(after), ends = ends }
end
local function text(n) return string.format('%.0f', n) end`;

/** ARGV: 2 "1" for all fields, 3 newest items or "", 4… names of fields. */
export const readRecords: Script = script(`${common}
local m = meta()
if not m then return false end
local fields = {}
local function add(name, stored)
  if not stored then return end
  local at = string.find(stored, ';', 1, true)
  local ends = string.sub(stored, 1, at - 1)
  if ends ~= '-' and tonumber(ends) <= now then return end
  fields[#fields + 1] = name
  fields[#fields + 1] = string.sub(stored, at + 1)
end
if ARGV[2] == '1' then
  local all = redis.call('HGETALL', k)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 1) == 'f' then add(string.sub(all[i], 2), all[i + 1]) end
  end
else
  for i = 4, #ARGV do add(ARGV[i], redis.call('HGET', k, 'f' .. ARGV[i])) end
end
local items = {}
local from = m.first
if ARGV[3] ~= '' then from = math.max(from, m.after - tonumber(ARGV[3])) end
for i = from, m.after - 1 do items[#items + 1] = redis.call('HGET', k, 'i' .. text(i)) end
return { text(m.version), m.ends, fields, items }`);

/**
 * The version begins at the server's time, so that an owner that was dropped and made again never has an old one.
 * ARGV: 2 version it must have or "", 3 sliding life in ms or "", 4 items to keep or "", 5 number of fields to set, then for each its name, life in ms
 * or "", value; number of fields to unset, names; items.
 */
export const writeRecords: Script = script(`${common}
local m = meta()
local version = m and m.version or 0
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= version then return { 0, text(version) } end
if not m then
  redis.call('DEL', k)
  local time = redis.call('TIME')
  m = { version = time[1] * 1000000 + time[2], first = 0, after = 0, ends = '-' }
end
m.version = m.version + 1
local at = 6
for i = 1, tonumber(ARGV[5]) do
  local ends = '-'
  if ARGV[at + 1] ~= '' then ends = text(math.ceil(now + tonumber(ARGV[at + 1]))) end
  redis.call('HSET', k, 'f' .. ARGV[at], ends .. ';' .. ARGV[at + 2])
  at = at + 3
end
for i = 1, tonumber(ARGV[at]) do redis.call('HDEL', k, 'f' .. ARGV[at + i]) end
at = at + tonumber(ARGV[at]) + 1
for i = at, #ARGV do
  redis.call('HSET', k, 'i' .. text(m.after), ARGV[i])
  m.after = m.after + 1
end
if ARGV[4] ~= '' then
  local first = math.max(m.first, m.after - tonumber(ARGV[4]))
  for i = m.first, first - 1 do redis.call('HDEL', k, 'i' .. text(i)) end
  m.first = first
end
if ARGV[3] ~= '' then m.ends = text(math.ceil(now + tonumber(ARGV[3]))) end
redis.call('HSET', k, 'm', text(m.version) .. ' ' .. text(m.first) .. ' ' .. text(m.after) .. ' ' .. m.ends)
if ARGV[3] ~= '' then redis.call('PEXPIRE', k, math.max(1, math.ceil(tonumber(ARGV[3])))) end
return { 1, text(m.version) }`);

export const dropRecords: Script = script(`${common}
local m = meta()
redis.call('DEL', k)
return m and 1 or 0`);

/** Remembers that an owner was written. KEYS: owners, when each was seen. ARGV: owner. */
export const seeOwner: Script = script(`
redis.call('ZADD', KEYS[1], 0, ARGV[1])
redis.call('ZADD', KEYS[2], redis.call('TIME')[1], ARGV[1])
return 1`);

/** Forgets owners that are gone, unless somebody may be writing them. KEYS: owners, when each was seen. ARGV: seconds, owners… */
export const forgetOwners: Script = script(`
local before = redis.call('TIME')[1] - ARGV[1]
for i = 2, #ARGV do
  local seen = redis.call('ZSCORE', KEYS[2], ARGV[i])
  if not seen or tonumber(seen) < before then
    redis.call('ZREM', KEYS[1], ARGV[i])
    redis.call('ZREM', KEYS[2], ARGV[i])
  end
end
return 1`);
