/**
 * What several scripts share. The layout of an envelope is explained in envelope.ts.
 *
 * The sequence of invalidations is one sorted set, so that it lives and dies as a whole:
 *   g<generation> at -2, r<run id of the server> at -1, s at the place where the sequence stands, f at the place below which it was
 *   pruned, t<tag> and k<digest of a key> at the place of their last invalidation.
 */
export const readEnvelope = `
local function read(v)
  local function number(at, bytes)
    local n = 0
    for i = at, at + bytes - 1 do n = n * 256 + string.byte(v, i) end
    return n
  end
  local function parse()
    if number(1, 1) ~= 172 or number(2, 1) ~= 1 then return nil end
    local h = { soft = number(4, 6), hard = number(10, 6), seq = number(16, 6), tags = {} }
    h.epoch = math.floor(number(3, 1) / 2) % 2 == 1
    local length = number(22, 1)
    h.gen = string.sub(v, 23, 22 + length)
    local at = 23 + length
    local count = number(at, 2)
    at = at + 2
    for i = 1, count do
      local size = number(at, 2)
      h.tags[i] = string.sub(v, at + 2, at + 1 + size)
      at = at + 2 + size
    end
    number(at, 8)
    return h
  end
  local ok, h = pcall(parse)
  return ok and h or nil
end
local function get(k)
  local v = redis.pcall('GET', k)
  if type(v) ~= 'table' then return v, 0 end
  if not string.find(v.err or '', 'WRONGTYPE', 1, true) then return v, 2 end
  redis.call('DEL', k)
  return false, 1
end`;

/** `t` is the sorted set; nil in Cluster, where it is on another node than the keys of a script. */
export const sequence = `
local function serverId(known)
  if known ~= '' then return known end
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%x+)') or 'unknown'
end
local function where(t, known)
  local s = redis.call('ZSCORE', t, 's')
  if not s then return nil end
  if known == '' and not redis.call('ZSCORE', t, 'r' .. serverId(known)) then return nil end
  return string.sub(redis.call('ZRANGE', t, 0, 0)[1], 2), tonumber(s)
end
local function stand(t, known, fresh)
  local gen, seq = where(t, known)
  if gen then return gen, seq end
  redis.call('DEL', t)
  redis.call('ZADD', t, -2, 'g' .. fresh, -1, 'r' .. serverId(known), 0, 's')
  return fresh, 0
end
local function prune(t, most)
  if redis.call('ZCARD', t) <= most then return end
  local cut = redis.call('ZRANGE', t, math.floor(most / 10), math.floor(most / 10), 'WITHSCORES')[2]
  redis.call('ZREMRANGEBYSCORE', t, 0, cut)
  redis.call('ZADD', t, cut, 'f')
end
local function digest(key) return 'k' .. string.sub(redis.sha1hex(key), 1, 20) end
local function after(t, member, seq)
  local at = redis.call('ZSCORE', t, member)
  return at and tonumber(at) > seq
end
local function fenced(t, known, gen, seq, key, tags)
  local current, at = where(t, known)
  if current ~= gen or seq > at then return true end
  if seq == at then return false end
  if (key or #tags > 0) and after(t, 'f', seq) then return true end
  if key and after(t, digest(key), seq) then return true end
  for _, tag in ipairs(tags) do
    if after(t, 't' .. tag, seq) then return true end
  end
  return false
end`;
