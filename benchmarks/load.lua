-- What wrk sends: credits, debits, batches of debits, reads, or a debit and then a read of the same wallet; each to a
-- wallet chosen by chance.
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

local function read(wallet)
  return wrk.format("GET", "/wallets/" .. wallet, headers)
end

local function move(direction, wallet)
  local body = '{"amount": 1, "referenceId": "' .. reference() .. '"}'
  return wrk.format("POST", "/wallets/" .. wallet .. "/" .. direction, headers, body)
end

local debited

local function mixed()
  if debited then
    local wallet = debited
    debited = nil
    return read(wallet)
  end
  debited = math.random(wallets)
  return move("debit", debited)
end

function request()
  if operation == "mixed" then
    return mixed()
  elseif operation == "read" then
    return read(math.random(wallets))
  elseif operation == "batch" then
    return wrk.format("POST", "/batches", headers, batch())
  end
  return move(operation, math.random(wallets))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %f, "p50": %f, "p90": %f, "p99": %f, "worst": %f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(90) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
