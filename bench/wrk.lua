-- wrk ... -s wrk.lua URL -- METHOD BODY_FILE "Name: value" ...
-- Prints one line of JSON: what was counted, and the latency in microseconds.

function init(args)
  wrk.method = args[1]
  if args[2] ~= "" then
    local file = assert(io.open(args[2], "rb"))
    wrk.body = file:read("*a")
    file:close()
  end
  for i = 3, #args do
    local name, value = args[i]:match("^(.-): (.*)$")
    wrk.headers[name] = value
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"bytes":%d,"duration":%d,"p50":%d,"p99":%d,"errors":%d}',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
