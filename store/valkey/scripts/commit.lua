-- KEYS: execution, expiring, counts
-- ARGV: token, revision, next revision, expires, ended, state, answer, body
-- Returns 0 where the lease was lost.
local x = redis.call('HMGET', KEYS[1], 'token', 'revision', 'lease', 'expires', 'ended', 'tally')
if x[1] == ARGV[1] then
	return 1
end
if x[2] ~= ARGV[2] or not x[3] then
	return 0
end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'revision', ARGV[3], 'expires', ARGV[4], 'ended', ARGV[5], 'state', ARGV[6])
redis.call('HDEL', KEYS[1], 'lease', 'holder')
if ARGV[7] then
	redis.call('HSETNX', KEYS[1], ARGV[7], ARGV[8])
end
if x[4] ~= ARGV[4] then
	redis.call('ZADD', KEYS[2], ARGV[4], KEYS[1])
end
if x[5] == '0' and ARGV[5] == '1' and x[6] ~= '' then
	redis.call('HINCRBY', KEYS[3], 'ended ' .. x[6], 1)
end
return 1
