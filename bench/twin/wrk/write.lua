-- Writes: KIND=patch or append one attribute of any vehicle, create one that is new, upsert BATCH that are there or new.
package.path = os.getenv("SCRIPTS") .. "/?.lua;" .. package.path
local city = require("city")
local kind, batch = os.getenv("KIND"), tonumber(os.getenv("BATCH") or "20")
math.randomseed(tonumber(os.getenv("SEED") or "1"))

local count = 0
local function next_number()
  count = count + 1
  return count
end

local function fresh(number)
  return "urn:ngsi-ld:Vehicle:new-" .. city.run .. "-" .. number
end

local make = {}

function make.patch()
  local body = '{"speed":{"type":"Property","value":' .. next_number() % 100000 .. "}}"
  return wrk.format("PATCH", city.api .. "entities/" .. city.id(city.any()) .. "/attrs", city.json, body)
end

function make.append()
  local body = '{"charge":{"type":"Property","value":' .. next_number() % 100000 .. "}}"
  return wrk.format("POST", city.api .. "entities/" .. city.id(city.any()) .. "/attrs", city.json, body)
end

function make.create()
  local number = next_number()
  return wrk.format("POST", city.api .. "entities", city.json, city.vehicle(fresh(number), number))
end

local function upsert(one, options)
  local all = {}
  for i = 1, batch do all[i] = one() end
  return wrk.format("POST", city.api .. "entityOperations/upsert" .. options, city.json, "[" .. table.concat(all, ",") .. "]")
end

local at = 0
function make.upsert()
  if at == 0 then at = city.any() end
  return upsert(function()
    at = at % city.entities + 1
    return city.vehicle(city.id(at), at + next_number())
  end, "?options=update")
end

function make.upsert_new()
  return upsert(function()
    local number = next_number()
    return city.vehicle(fresh(number), number)
  end, "")
end

request = make[kind]

function done(summary, latency) city.report(summary, latency) end
