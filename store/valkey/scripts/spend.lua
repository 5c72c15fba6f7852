-- limit.Meter for any number of charges: all are spent, or none.
-- KEYS: meters, budgets, the debts of each charge's budget…
-- ARGV: now, skew, force, then of each charge: key, budget, cost, most,
-- and what is repaid of the cost.
-- Returns the place of the charge that has to be waited for longest and how
-- long; or 0 and, of each charge, seen and paid.
local now, skew, force = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local meters, order = {}, {}
local worst, longest = 0, 0

-- meter is what is owed under the key at this time.
local function meter(key, budget, debts, repaid)
	if not meters[key] then
		local seen, paid = string.match(redis.call('HGET', KEYS[1], key) or '0 0', '^(%-?%d+) (%-?%d+)$')
		seen, paid = tonumber(seen), tonumber(paid)
		local back = seen > now + skew
		if back then
			seen, paid = now, now + paid - seen
		elseif seen < now then
			seen, paid = now, math.max(now - repaid, paid)
		end
		meters[key] = {budget = budget, debts = debts, back = back, seen = seen, paid = paid, before = paid}
		order[#order + 1] = key
	end
	return meters[key]
end

local function text(number)
	return string.format('%.0f', number)
end

local function write(key, paid)
	local m = meters[key]
	redis.call('HSET', KEYS[1], key, text(m.seen) .. ' ' .. text(paid))
	redis.call('ZADD', m.debts, text(paid), key)
	redis.call('SADD', KEYS[2], m.budget)
end

local result = {0}
for i = 3, #KEYS do
	local at = 5 * i - 11
	local cost, most = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
	local m = meter(ARGV[at], ARGV[at + 1], KEYS[i], tonumber(ARGV[at + 4]))
	local wait = m.paid - m.seen + cost - most
	if wait > longest then
		worst, longest = i - 2, wait
	end
	m.paid = m.paid + cost
	result[#result + 1] = text(m.seen)
	result[#result + 1] = text(m.paid)
end

if worst > 0 and not force then
	-- That the clock has gone back is noted: else time would not go on.
	for _, key in ipairs(order) do
		if meters[key].back then
			write(key, meters[key].before)
		end
	end
	return {worst, longest}
end
for _, key in ipairs(order) do
	write(key, meters[key].paid)
end
return result
