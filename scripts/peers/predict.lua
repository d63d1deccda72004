-- The requests of scripts/load, for wrk: wrk --script=predict.lua URL -- BODIES
--
-- BODIES holds pictures, each after its length as four bytes, big-endian. They are posted in rotation; the last line
-- on stdout is what wrk counted, as JSON.

local requests = {}
local sent = 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  wrk.headers["Content-Type"] = "image/png"
  local head = file:read(4)
  while head do
    local a, b, c, d = head:byte(1, 4)
    -- Prepared here, so that sending takes almost no CPU time from the service.
    requests[#requests + 1] = wrk.format("POST", nil, nil, file:read(((a * 256 + b) * 256 + c) * 256 + d))
    head = file:read(4)
  end
  file:close()
end

function request()
  sent = sent + 1
  return requests[sent % #requests + 1]
end

function done(summary, latency)
  local errors = summary.errors
  local line = '{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, '
    .. '"refused": %d, "socket_errors": %d, "timeouts": %d}'
  print(line:format(
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write, errors.timeout
  ))
end
