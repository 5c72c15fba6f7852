-- KEYS: meters, the debts of each charge's budget…
-- ARGV: of each charge: key, cost
for i = 2, #KEYS do
	local key, cost = ARGV[2 * i - 3], tonumber(ARGV[2 * i - 2])
	local raw = redis.call('HGET', KEYS[1], key)
	if raw then
		local seen, paid = string.match(raw, '^(%-?%d+) (%-?%d+)$')
		paid = string.format('%.0f', math.max(tonumber(seen), tonumber(paid) - cost))
		redis.call('HSET', KEYS[1], key, seen .. ' ' .. paid)
		redis.call('ZADD', KEYS[i], paid, key)
	end
end
return 1
