-- KEYS: meters, the debts of a budget
-- ARGV: now, limit
-- Returns keys and their meters, the longest debt first.
local list = {}
for _, key in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[2], '+inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])) do
	list[#list + 1] = key
	list[#list + 1] = redis.call('HGET', KEYS[1], key)
end
return list
