#!lua
-- By its first line, it is a script that writes: while Redis is full, a replica or unable to save,
-- it refuses it before it begins. Else it would refuse those runs alone that find units left.
--
-- Decides of several limits at once, and uses their units: if all are there, or of each for itself.
--
-- KEYS: for each limit, a sorted set of what was used (member "UNITS:ID", score: when, in ms), and
-- the sum of its units. ARGV: now in ms; an id for what is used now; and for each limit its units,
-- its window in ms, and the units asked for; then "together" or "apart".
-- Returns, for each limit: 1 if its units are there, the units left before, ms until they are there.

local PIECE = 100
local SLACK_MS = 60000 -- Redis forgets by its own clock, so somewhat later than needed
local now = tonumber(ARGV[1])
local id = ARGV[2]
local apart = ARGV[3 * #KEYS / 2 + 3] == "apart"
local answer, times, sums = {}, {}, {}
local all_there = true

local function units_of(member)
    return tonumber(string.sub(member, 1, string.find(member, ":", 1, true) - 1))
end

-- When so many units will have left the window: the oldest go first.
local function freed_at(log, missing, window)
    local from = 0
    while true do
        local members = redis.call("ZRANGE", log, from, from + PIECE - 1, "WITHSCORES")
        for j = 1, #members, 2 do
            missing = missing - units_of(members[j])
            if missing <= 0 then
                return tonumber(members[j + 1]) + window
            end
        end
        if #members == 0 then
            return now + window
        end
        from = from + PIECE
    end
end

local function use(i)
    local log, sum = KEYS[2 * i - 1], KEYS[2 * i]
    local life, asked = tonumber(ARGV[3 * i + 1]) + SLACK_MS, tonumber(ARGV[3 * i + 2])
    if asked > 0 then
        -- One limit may stand several times: each of its uses is a member.
        redis.call("ZADD", log, times[i], asked .. ":" .. id .. i)
        redis.call("PEXPIRE", log, life)
        redis.call("SET", sum, sums[i] + asked, "PX", life)
    end
end

for i = 1, #KEYS / 2 do
    local log, sum = KEYS[2 * i - 1], KEYS[2 * i]
    local units, window = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
    local asked = tonumber(ARGV[3 * i + 2])
    -- An instance whose clock is behind does not bring back what has left the window.
    local last = redis.call("ZRANGE", log, -1, -1, "WITHSCORES")
    local at = last[2] and math.max(now, tonumber(last[2])) or now
    local used = tonumber(redis.call("GET", sum) or "0")
    local gone = redis.call("ZRANGEBYSCORE", log, "-inf", at - window)
    if #gone > 0 then
        for _, member in ipairs(gone) do
            used = used - units_of(member)
        end
        redis.call("ZREMRANGEBYSCORE", log, "-inf", at - window)
        redis.call("SET", sum, used, "KEEPTTL")
    end
    local there, wait = used + asked <= units, 0
    if not there then
        all_there = false
        wait = window
        if asked <= units then
            -- By a clock that was set back, it would be long after Redis has forgotten it.
            wait = math.min(freed_at(log, used + asked - units, window) - now, window + SLACK_MS)
        end
    end
    answer[i] = { there and 1 or 0, math.max(units - used, 0), wait }
    times[i], sums[i] = at, used
    if apart and there then
        use(i)
    end
end

if all_there and not apart then
    for i = 1, #KEYS / 2 do
        use(i)
    end
end
return answer
