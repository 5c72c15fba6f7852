-- KEYS: expiring, counts, executions…
-- ARGV: now
-- Returns how many were deleted. Deleting comes first, so that it works where
-- memory is full.
local deleted = 0
for i = 3, #KEYS do
	local expires = redis.call('ZSCORE', KEYS[1], KEYS[i])
	if expires and tonumber(expires) < tonumber(ARGV[1]) then
		local x = redis.call('HMGET', KEYS[i], 'ended', 'tally')
		redis.call('DEL', KEYS[i])
		redis.call('ZREM', KEYS[1], KEYS[i])
		if x[1] == '0' and x[2] ~= '' then
			redis.call('HINCRBY', KEYS[2], 'expired ' .. x[2], 1)
		end
		deleted = deleted + 1
	end
end
return deleted
