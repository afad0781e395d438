// ./city demo --scenario traffic, and the end-to-end test of it: what tool/demo.mjs asks of a package's scenario.
//
//   targets                        what must be built
//   prepare(folder, speed)         makes the city's settings in it; gives the city's folder
//   serverArgs(folder)             what the server must be told beside them
//   start(stack, { seed, quiet })  starts the streets, once broker and server run; quiet: nothing happens by itself
//   welcome(client)                once a person has signed in: has something made that takes a while
//   story                          what to watch for, in words
//   figures(stack)                 how it goes, in a line that changes now and then
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programFor, root } from '../../../tool/lib/stack.mjs';

const here = join(root, 'domain/traffic/demo');

export const targets = ['traffic_simulator'];

// Why it cannot run here; empty when it can.
export function missing() {
  const found = (process.env.PATH ?? '').split(':').some((place) => existsSync(join(place, 'netconvert')));
  return found ? '' : 'SUMO is not installed: apt-get install sumo, or ./city demo --scenario traffic as somebody who may';
}

function simulator(args) {
  const done = spawnSync(programFor('traffic_simulator'), args, { cwd: root, encoding: 'utf8' });
  if (done.error || done.status !== 0) throw new Error(`traffic_simulator ${args.join(' ')}: ${done.error?.message ?? done.stderr}`);
  return done.stdout;
}

const workOf = (folder) => join(folder, 'streets');
// When the streets are thought to have filled: what the buses' timetable begins with.
const fills_s = 12;
const mostSpeed = 20;
const liveAt = new Map();

// How fast the city's time goes, and since when (Unix, s): kept beside its data, because a city's time never goes back.
const paceOf = (folder) => {
  const file = join(folder, 'pace.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { speed: 1, since: 0 };
};

function choosePace(folder, speed, soon) {
  const kept = paceOf(folder);
  if (kept.since > 0) return kept;
  const pace = { speed: Math.min(mostSpeed, Math.max(1, speed)), since: speed > 1 ? soon : 0 };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'pace.json'), JSON.stringify(pace));
  return pace;
}

export function serverArgs(folder) {
  const { speed, since } = paceOf(folder);
  return since > 0 ? ['--pace', String(speed), '--pace-since', new Date(since * 1000).toISOString()] : [];
}

export function prepare(folder, wished = 1) {
  const soon = Math.round(Date.now() / 1000) + fills_s;
  const { speed, since } = choosePace(folder, wished, soon);
  liveAt.set(folder, since > 0 ? Math.round(since + (soon - since) * speed) : soon);
  const city = join(folder, 'city');
  rmSync(city, { recursive: true, force: true });
  cpSync(join(here, 'city'), city, { recursive: true });
  // Its cases go the way of the district's.
  cpSync(join(root, 'demo/district/casework/workflow.toml'), join(city, 'casework/workflow.toml'));
  simulator(['--work', workOf(folder), '--describe', city, '--live-at', String(liveAt.get(folder))]);
  return city;
}

const reportOf = (stack) => join(stack.folder, 'streets.json');

export function start(stack, { seed = 1, quiet = false, args = [] } = {}) {
  const report = reportOf(stack);
  rmSync(report, { force: true });
  const work = workOf(stack.folder);
  const all = ['--mqtt', `127.0.0.1:${stack.mqttPort}`, '--work', work, '--report', report, '--seed', String(seed)];
  all.push('--buses', join(stack.folder, 'city/traffic/buses.pb'));
  if (liveAt.has(stack.folder)) all.push('--live-at', String(liveAt.get(stack.folder)));
  const { speed, since } = paceOf(stack.folder);
  if (since > 0) all.push('--speed', String(speed), '--since', String(since));
  if (!quiet) all.push(...mishaps, ...beside(stack, seed));
  return stack.start('simulator', programFor('traffic_simulator'), [...all, ...args]);
}

const mishaps = ['--mishaps', '900'];

// An hour of the same streets with the same mishaps by the fixed plan, made at once: it stands beside the loop's minutes.
function beside(stack, seed) {
  const minutes = join(stack.folder, 'by-the-plan.json');
  rmSync(minutes, { force: true });
  const work = join(stack.folder, 'streets-by-the-plan');
  const args = ['--work', work, '--seed', String(seed), '--stop-after', '3600', '--minutes', minutes, ...mishaps];
  // It ends by itself, and that is no trouble.
  stack.start('by-the-plan', '/usr/bin/nice', ['-n', '10', programFor('traffic_simulator'), ...args]).asked = true;
  return ['--against', minutes, '--trial', join(stack.folder, `city/traffic/trials/live-seed-${seed}.json`)];
}

export async function welcome(client) {
  const { designs, jobs } = await client.get('/api/v1/traffic/designs');
  if (designs.length || jobs.length) return;
  await client.post('/api/v1/traffic/designs', { name: '夜间公交 Night buses', demand: 'night', routes: 3, stopsMin: 3, stopsMax: 10, fleet: 6, seconds: 10 });
}

// Each half minute of the streets.
export function figures(stack) {
  try {
    const f = JSON.parse(readFileSync(reportOf(stack), 'utf8'));
    figures.last = f.seconds % 30 ? figures.last : f;
  } catch {
    // none yet, or half written
  }
  const f = figures.last;
  return f && `signals ${f.remoteNow} of ${f.cabinets} timed by the loop · ${f.running} vehicles, ${f.standing} standing · delay ${f.delay} s each in ${f.seconds} s · ${f.succeeded} commands done, ${f.failed} not · ${f.violations} unsafe`;
}

// The same streets, the same seed, by the fixed plan alone and as fast as it goes: what the loop is held against.
export function byThePlan(stack, { seed = 1, args = [] } = {}) {
  return JSON.parse(simulator(['--work', workOf(stack.folder), '--seed', String(seed), ...args]));
}

export const story = [
  '  Fourteen junctions of a town that does not exist, in SUMO. In ten seconds the loop takes their signals over from the',
  '  cabinets\' fixed plans; the traffic desk tells why each junction shows what it shows. To see it fall back:',
  '    mosquitto_pub -p MQTT_PORT -t traffic/demo/fault -m \'{"target":"g1-r1_0","kind":"silent"}\'     (none: well again)',
  '    mosquitto_pub -p MQTT_PORT -t traffic/demo/incident -m \'{"target":"c1-c2","seconds":300}\'',
  '  A quarter of an hour apart something blocks a street by itself: an incident, a sign that proposes a detour, late buses.',
];
