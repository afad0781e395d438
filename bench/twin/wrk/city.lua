-- What the requests of the benchmark have in common: vehicles of five attributes, some 550 bytes each, on a grid of points a
-- thousandth of a degree apart, a thousand in a row. The environment says how many there are (ENTITIES) and, for those that
-- are new, from where on they are counted (RUN).
local city = {
  entities = tonumber(os.getenv("ENTITIES") or "1000"),
  run = os.getenv("RUN") or "0",
  json = { ["Content-Type"] = "application/json" },
  api = "/ngsi-ld/v1/",
}

local remark = string.rep("measured on the road between two squares of the city; ", 4)

function city.id(number)
  return "urn:ngsi-ld:Vehicle:" .. number
end

function city.place(number)
  return 10 + (number % 1000) / 1000, 56 + (math.floor(number / 1000) % 1000) / 1000
end

function city.vehicle(id, number)
  local lon, lat = city.place(number)
  return string.format(
    '{"id":"%s","type":"Vehicle","maker":{"type":"Property","value":"%s"},' ..
      '"speed":{"type":"Property","value":%d,"observedAt":"2026-09-01T08:00:00Z"},' ..
      '"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[%.3f,%.3f]}},' ..
      '"inParking":{"type":"Relationship","object":"urn:ngsi-ld:Parking:%d"},' ..
      '"remark":{"type":"Property","value":"%s"}}',
    id, number % 2 == 0 and "Volvo" or "Skoda", number % 120, lon, lat, number % 5000, remark)
end

function city.any()
  return math.random(city.entities)
end

-- One line that the driver reads; wrk's own figures are for people.
function city.report(summary, latency)
  local errors = summary.errors
  io.write(string.format('FIGURES {"requests":%d,"seconds":%.6f,"p50_us":%d,"p99_us":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end

return city
