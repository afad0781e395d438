// What the end-to-end tests share: a city of their own on free ports, and patience with a limit.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../../tool/lib/client.mjs';
import { root, sleep, Stack } from '../../tool/lib/stack.mjs';

export { Client, root, sleep };

// Asks until the answer is true (or an object); what the last answer or error was is told when time is over.
export async function until(what, limit_s, ask) {
  const begun = Date.now();
  let last;
  while (Date.now() - begun < limit_s * 1000) {
    try {
      last = await ask();
      if (last) return last;
    } catch (problem) {
      last = problem;
    }
    await sleep(200);
  }
  assert.fail(`${what}: not within ${limit_s} s; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}

export class TestCity extends Stack {
  constructor(name) {
    const folder = join(root, 'build/run', `e2e-${name}`);
    rmSync(folder, { recursive: true, force: true });
    super(folder);
  }
  // A copy of the district's settings that a test may change.
  copyDistrict() {
    this.city = join(this.folder, 'city');
    cpSync(join(root, 'demo/district'), this.city, { recursive: true });
    return this.city;
  }
  // With all that makes the domain packages' routes appear.
  addPackages() {
    for (const name of existsSync(join(root, 'domain')) ? readdirSync(join(root, 'domain')) : []) {
      const given = join(root, 'domain', name, 'test/city');
      if (existsSync(given)) cpSync(given, join(this.city, name), { recursive: true });
      const casework = join(root, 'domain', name, 'casework');
      if (existsSync(casework)) cpSync(casework, join(this.city, 'casework'), { recursive: true });
    }
  }
  // Changes each file of a folder of the copy in which `from` is found; at least one must hold it.
  edit(folder, from, to) {
    let changed = 0;
    for (const name of readdirSync(join(this.city, folder))) {
      const file = join(this.city, folder, name);
      if (!statSync(file).isFile()) continue;
      const text = readFileSync(file, 'utf8');
      if (text.search(from) < 0) continue;
      writeFileSync(file, text.replace(from, to));
      changed += 1;
    }
    assert.ok(changed > 0, `no file of ${folder} holds ${from}`);
  }
  async serve(options = {}) {
    await this.startServer({ city: this.city ?? 'demo/district', ...options });
  }
  // All of it: broker, server, devices.
  async live(simulatorArgs = []) {
    await this.startBroker();
    await this.serve();
    this.startSimulator({ args: simulatorArgs });
  }
  signIn(user = 'user:lin.yue') {
    return Client.demo(this.url, user);
  }
  publish(topic, payload) {
    const done = spawnSync('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(this.mqttPort), '-q', '1', '-t', topic, '-s'], { input: payload });
    assert.equal(done.status, 0, `mosquitto_pub: ${done.stderr}`);
  }
  // What an outsider hears on a topic: a list of { topic, payload } that grows.
  listen(filter) {
    const heard = [];
    const child = spawn('mosquitto_sub', ['-h', '127.0.0.1', '-p', String(this.mqttPort), '-q', '1', '-t', filter, '-F', '%t %p']);
    let rest = '';
    child.stdout.on('data', (part) => {
      const lines = (rest + part).split('\n');
      rest = lines.pop();
      for (const line of lines) heard.push({ topic: line.split(' ')[0], payload: line.slice(line.indexOf(' ') + 1) });
    });
    this.listeners = [...(this.listeners ?? []), child];
    return heard;
  }
  async stop() {
    for (const child of this.listeners ?? []) child.kill();
    await super.stop();
  }
}

// Runs a test against a city of its own and ends all its processes, whatever happens; what the server said goes with a
// failure.
export async function inCity(name, work, City = TestCity) {
  const city = new City(name);
  try {
    await work(city);
  } catch (problem) {
    const told = problem instanceof Error ? problem.message : String(problem);
    throw new Error(`${told}\nserver's last words:\n${city.tailOf('server', 20)}`, { cause: problem });
  } finally {
    await city.stop();
  }
}

export const idOf = (urn) => encodeURIComponent(urn);

// The open flooding case of the first storm, once there is one.
export function floodingCase(client, limit_s = 60) {
  return until('a flooding case', limit_s, async () => {
    const { cases } = await client.get('/api/v1/cases?state=all&limit=200');
    return cases.find((c) => c.kind === 'flooding');
  });
}

// Every reading of an attribute that the twin has kept, by time in milliseconds.
async function samplesOf(client, entity, attribute) {
  const path = `/api/v1/history?entity=${idOf(entity)}&attribute=${attribute}&points=10000`;
  return new Map((await client.get(path)).samples);
}

// How many readings of all noise meters the twin has kept, each told apart by meter and time.
export async function noiseKept(client) {
  let kept = 0;
  for (let number = 1; number <= 12; ++number) {
    const meter = `urn:ngsi-ld:NoiseLevelObserved:noise-${String(number).padStart(2, '0')}`;
    kept += (await samplesOf(client, meter, 'LAeq')).size;
  }
  return kept;
}

export function freshFolder(name) {
  const folder = join(root, 'build/run', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
