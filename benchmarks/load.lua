-- What wrk sends: credits, debits, batches of debits, or reads, each to a wallet chosen by chance.
-- wrk … -- OPERATION WALLETS KEY; the key is sent when there is one.

local sent = 0
local run = tostring(os.time()) .. "-" .. tostring({}):match("0x%x+")
local operation, wallets
local headers = {["Content-Type"] = "application/json"}
local BATCH = 100

function init(arguments)
  operation, wallets = arguments[1], tonumber(arguments[2])
  if arguments[3] then headers["Authorization"] = "Bearer " .. arguments[3] end
  math.randomseed(os.time())
end

local function reference()
  sent = sent + 1
  return run .. "-" .. sent
end

local function batch()
  local operations = {}
  for number = 1, BATCH do
    operations[number] = string.format(
      '{"op": "debit", "userId": %d, "amount": 1, "referenceId": "%s"}', math.random(wallets), reference())
  end
  return '{"atomic": false, "operations": [' .. table.concat(operations, ", ") .. "]}"
end

function request()
  if operation == "read" then
    return wrk.format("GET", "/wallets/" .. math.random(wallets), headers)
  elseif operation == "batch" then
    return wrk.format("POST", "/batches", headers, batch())
  end
  local body = '{"amount": 1, "referenceId": "' .. reference() .. '"}'
  return wrk.format("POST", "/wallets/" .. math.random(wallets) .. "/" .. operation, headers, body)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %f, "p50": %f, "p90": %f, "p99": %f, "worst": %f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(90) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
