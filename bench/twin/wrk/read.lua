-- Reads: KIND=get one vehicle by its id; KIND=near those around a place (METRES); otherwise QUERY as it is.
package.path = os.getenv("SCRIPTS") .. "/?.lua;" .. package.path
local city = require("city")
local kind, query, metres = os.getenv("KIND"), os.getenv("QUERY"), os.getenv("METRES")
math.randomseed(tonumber(os.getenv("SEED") or "1"))

local fixed  -- made with the first request: before that wrk knows no Host

function request()
  if kind == "get" then return wrk.format("GET", city.api .. "entities/" .. city.id(city.any())) end
  if kind == "near" then
    local lon, lat = city.place(city.any())
    return wrk.format("GET", string.format(
      "%sentities?type=Vehicle&limit=20&geometry=Point&coordinates=%%5B%.3f,%.3f%%5D&georel=near%%3BmaxDistance%%3D%%3D%s",
      city.api, lon, lat, metres))
  end
  fixed = fixed or wrk.format("GET", city.api .. "entities?" .. query)
  return fixed
end

function done(summary, latency) city.report(summary, latency) end
