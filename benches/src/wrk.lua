-- Asks for the addresses in one file with the cookies in another, each cookie in its turn; moves on to
-- the next address after `stride` requests. Prints what it measured for the bench to read.
local paths, stride, asked = {}, 1, 0
-- The file of the cookies, of which there may be more than fit into memory.
local cookies

local function lines(file)
  local all = {}
  for line in io.lines(file) do all[#all + 1] = line end
  return all
end

function init(arguments)
  paths = lines(arguments[1])
  stride = tonumber(arguments[2])
  if arguments[3] then cookies = io.open(arguments[3]) end
end

local function cookie()
  local line = cookies:read()
  if not line then
    cookies:seek("set")
    line = cookies:read()
  end
  return line
end

function request()
  local path = paths[1 + math.floor(asked / stride) % #paths]
  local head = "GET " .. path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip, br\r\n"
  if cookies then head = head .. "Cookie: " .. cookie() .. "\r\n" end
  asked = asked + 1
  return head .. "\r\n"
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format("measured %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failed))
end
