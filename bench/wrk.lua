-- Sends the requests of a file, round and round, and writes what came of it as one line of JSON.
-- Each line of the file: method, path, token, body, with tabs between; "-" for none. In a body, "#########" becomes a
-- number that is another one each time.

local requests = {}
local place = 0
local number = os.time() % 100000 * 10000

function init(args)
   for line in io.lines(args[1]) do
      local method, path, token, body = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
      local headers = { ["Host"] = "127.0.0.1" }
      if token ~= "-" then headers["Authorization"] = "Bearer " .. token end
      if body == "-" then body = nil else headers["Content-Type"] = "application/json" end
      requests[#requests + 1] = wrk.format(method, path, headers, body)
   end
end

function request()
   place = place % #requests + 1
   number = number + 1
   local text = requests[place]
   local first, last = text:find("#########", 1, true)
   if not first then return text end
   return text:sub(1, first - 1) .. string.format("%09d", number % 1000000000) .. text:sub(last + 1)
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'RESULT {"requests": %d, "microseconds": %d, "failed": %d, "refused": %d, "p50": %d, "p99": %d, "slowest": %d}\n',
      summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.timeout, errors.status,
      latency:percentile(50), latency:percentile(99), latency.max))
end
