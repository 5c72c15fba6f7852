-- KEYS: execution
-- ARGV: token, now, until
-- Returns 0 where there is none, 1 where it is leased.
local x = redis.call('HMGET', KEYS[1], 'flow', 'version', 'revision', 'expires', 'state', 'ended', 'lease', 'holder')
local now = tonumber(ARGV[2])
if x[6] ~= '0' or tonumber(x[4]) <= now then
	return 0
end
if x[7] and tonumber(x[7]) > now then
	if x[8] ~= ARGV[1] then
		return 1
	end
else
	-- The clock is in it so that a lease which a crash of the server has undone
	-- is not given to another request under the same number.
	local time = redis.call('TIME')
	x[3] = string.format('%.0f', math.max(tonumber(x[3]) + 1, time[1] * 1000000 + time[2]))
	redis.call('HSET', KEYS[1], 'revision', x[3], 'lease', ARGV[3], 'holder', ARGV[1])
end
return {x[1], x[2], x[3], x[4], x[5]}
