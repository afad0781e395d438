// What the traffic pages are told by a real server, with streets driven in by SUMO: every answer keeps to api/openapi.yaml,
// as the stand-in of the browser tests does, and holds what the pages are for.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { programFor, root } from '../../tool/lib/stack.mjs';
import { inCity, until } from './city.mjs';

const script = join(root, 'domain/traffic/demo/scenario.mjs');
const scenario = existsSync(script) ? await import(script) : undefined;
const schemas = join(root, 'web/test/browser/schema_lib.mjs');
const skip = !scenario
  ? 'there is no traffic package'
  : scenario.missing() ||
    (existsSync(programFor('traffic_simulator')) ? false : 'traffic_simulator was built without SUMO') ||
    (existsSync(join(root, 'web/node_modules/ajv')) ? false : 'the web packages are not installed');

test('a real server tells the traffic pages what the contract says', { timeout: 300_000, skip }, () =>
  inCity('traffic-pages', async (city) => {
    const { makeValidator } = await import(schemas);
    const problem = makeValidator();
    city.city = scenario.prepare(city.folder);
    await city.startBroker();
    await city.serve();
    scenario.start(city, { seed: 2, quiet: true });
    const client = await city.signIn('user:sun.hao');
    const ask = async (path, schema) => {
      const answer = await client.get(`/api/v1/traffic/${path}`);
      assert.equal(problem(`openapi#/components/schemas/${schema}`, answer), '', path);
      return answer;
    };
    const part = encodeURIComponent;

    const { features } = await until('streets are measured', 90, async () => {
      const map = await ask('segments', 'TrafficSegmentMap');
      return map.features.some(({ properties }) => properties.speedKmh !== null) && map;
    });
    await ask(`segments/${part(features[0].properties.id)}`, 'TrafficSegmentDetail');
    const { signals } = await ask('signals', 'TrafficSignalList');
    assert.ok(signals.length >= 10);
    for (const { id } of signals) {
      const { lanes } = await ask(`signals/${part(id)}`, 'TrafficSignalDetail');
      assert.ok(lanes.every(({ bearingDeg }) => bearingDeg !== null), `${id} can be drawn as its streets lie`);
      const arms = new Set(lanes.map(({ arm }) => arm));
      assert.ok(arms.size >= 2 && arms.size <= 6, `${id} has ${[...arms]}`);
    }
    await ask('incidents', 'TrafficIncidentList');
    const { garages } = await ask('parking', 'TrafficParking');
    assert.ok(garages.length > 0);
    const [[a, b], [c, d]] = [signals[0].position, signals.at(-1).position];
    const advice = await ask(`route?from=${a},${b}&to=${c},${d}`, 'TrafficRouteAdvice');
    assert.ok(advice.options.length > 0);
    await ask('trials', 'TrafficTrialList');
    await ask('forecast-scores', 'TrafficForecastScores');

    const stops = await ask('stops', 'TrafficStopMap');
    await ask(`stops/${part(stops.features[0].properties.id)}/board`, 'TrafficStopBoard');
    const { lines } = await ask('transit/lines', 'TransitLineList');
    assert.ok(lines.every(({ path, stops: calls }) => path.length > 1 && calls.length > 1));
    const known = new Set(lines.map(({ id, direction }) => `${id}/${direction}`));
    const bus = await until('a bus of a line is on the map', 90, async () => {
      const { vehicles } = await ask('transit/vehicles', 'TransitVehicleList');
      return vehicles.find((each) => known.has(`${each.routeId}/${each.direction}`));
    });
    assert.ok(bus.headsign.zh && bus.headsign.en && bus.nextStopName.zh && bus.nextStopName.en);

    const [demand] = (await ask('designs', 'TrafficDesignList')).demands;
    const order = { demand, routes: 2, stopsMin: 3, stopsMax: 8, seconds: 1, seed: 5 };
    const { id } = await client.post('/api/v1/traffic/designs', order);
    await until('a design is found', 60, async () => (await ask('designs', 'TrafficDesignList')).designs.some((each) => each.id === id));
    const design = await ask(`designs/${id}`, 'TrafficDesign');
    assert.equal(design.routes.length, 2);
    await client.call('DELETE', `/api/v1/traffic/designs/${id}`);
    assert.ok((await ask('designs', 'TrafficDesignList')).designs.every((each) => each.id !== id));
  }));
