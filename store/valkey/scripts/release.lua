-- KEYS: execution
-- ARGV: revision
-- HDEL works where memory is full, too.
if redis.call('HGET', KEYS[1], 'revision') == ARGV[1] then
	redis.call('HDEL', KEYS[1], 'lease', 'holder')
end
return 1
