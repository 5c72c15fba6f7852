-- KEYS: execution, expiring, counts
-- ARGV: token, flow, version, revision, expires, ended, state, tally, answer, body
local token = redis.call('HGET', KEYS[1], 'token')
if token then
	return token == ARGV[1] and 1 or 0
end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'flow', ARGV[2], 'version', ARGV[3], 'revision', ARGV[4],
	'expires', ARGV[5], 'ended', ARGV[6], 'state', ARGV[7], 'tally', ARGV[8])
if ARGV[9] then
	redis.call('HSET', KEYS[1], ARGV[9], ARGV[10])
end
redis.call('ZADD', KEYS[2], ARGV[5], KEYS[1])
if ARGV[8] ~= '' then
	redis.call('HINCRBY', KEYS[3], 'started ' .. ARGV[8], 1)
	if ARGV[6] == '1' then
		redis.call('HINCRBY', KEYS[3], 'ended ' .. ARGV[8], 1)
	end
end
return 1
