// ./city demo: builds what is not built, starts a city, tells where it is and what happens in it, until Ctrl-C.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Client } from './lib/client.mjs';
import { endLeftovers, portIsFree, root, sleep, Stack, writeDown } from './lib/stack.mjs';

const say = (text) => process.stderr.write(`[city] ${text}\n`);

class Wrong extends Error {}

function readArguments(args) {
  const options = { port: undefined, speed: undefined, seed: '1', city: undefined, scenario: undefined, keep: false, stop: false };
  for (let i = 0; i < args.length; ++i) {
    const [name, inline] = args[i].split(/=(.*)/s);
    const key = name.replace(/^--/, '');
    if (key === 'keep' || key === 'stop') {
      options[key] = true;
    } else if (name.startsWith('--') && key in options) {
      options[key] = inline ?? args[++i];
      if (options[key] === undefined) throw new Wrong(`${name} wants a value`);
    } else {
      throw new Wrong(`demo does not know '${args[i]}'; ./city help`);
    }
  }
  const number = (key, low, high) => {
    if (options[key] === undefined) return;
    const value = Number(options[key]);
    if (!(value >= low && value <= high)) throw new Wrong(`--${key} ${options[key]}: a number from ${low} to ${high}`);
    options[key] = value;
  };
  number('port', 1, 65535);
  number('speed', 0, 10000);
  number('seed', 0, Number.MAX_SAFE_INTEGER);
  return options;
}

// A scenario of a domain package: domain/NAME/demo/scenario.mjs.
async function chooseScenario(name) {
  const script = join(root, 'domain', name, 'demo/scenario.mjs');
  if (!/^[a-z_]+$/.test(name) || !existsSync(script)) throw new Wrong(`there is no scenario '${name}': no ${script}`);
  const scenario = await import(script);
  if (scenario.missing()) throw new Wrong(scenario.missing());
  return { name, scenario, simulated: true };
}

// What to serve: our own district, or settings of ours for a folder of data, or a folder that has both.
function chooseCity(wanted) {
  if (!wanted) return { name: 'district', city: 'demo/district', simulated: true };
  const folder = resolve(process.env.CITY_CALLED_FROM ?? '.', wanted);
  if (!existsSync(folder)) throw new Wrong(`there is no folder ${folder}`);
  const name = basename(folder);
  if (existsSync(join(folder, 'city.toml'))) return { name, city: folder, source: folder, simulated: existsSync(join(folder, 'tables/underpasses.csv')) };
  if (existsSync(join(root, 'demo', name, 'city.toml'))) return { name, city: `demo/${name}`, source: folder, simulated: false };
  const known = readdirSync(join(root, 'demo')).filter((n) => existsSync(join(root, 'demo', n, 'city.toml')));
  throw new Wrong(`${folder} has no city.toml, and demo/ has settings only for ${known.join(', ')}`);
}

async function choosePort(wanted) {
  if (wanted) {
    if (await portIsFree(wanted)) return wanted;
    throw new Wrong(`port ${wanted} is taken; --port N takes another`);
  }
  for (let port = 8080; port < 8180; ++port) {
    if (await portIsFree(port)) return port;
  }
  throw new Wrong('no port from 8080 to 8179 is free; --port N takes another');
}

function build(targets) {
  const done = spawnSync('./city', ['build', 'cityloop', ...targets, 'web'], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

// Tells on the terminal what the console shows: findings, cases, commands, as they change.
class Story {
  // `scenario`: tells figures of its own instead of each step of its loops, which are too many to read.
  constructor(client, stack, scenario) {
    this.client = client;
    this.stack = stack;
    this.scenario = scenario;
    this.seen = new Map();
  }
  tell(at, text) {
    process.stdout.write(`  ${new Date(at ?? Date.now()).toISOString().slice(11, 19)}  ${text}\n`);
  }
  note(id, state, at, text) {
    if (this.seen.get(id) === state) return;
    this.seen.set(id, state);
    this.tell(at, text);
  }
  async look() {
    const { findings } = await this.client.get('/api/v1/findings?limit=50');
    for (const f of [...findings].reverse()) {
      const at = f.status === 'cleared' ? f.clearedAt : f.openedAt;
      this.note(f.id, f.status, at, `finding ${f.status === 'cleared' ? 'cleared' : 'opened '}  ${f.title.zh}  ${f.title.en} · ${f.aboutName}`);
    }
    const { cases } = await this.client.get('/api/v1/cases?state=all&limit=50');
    for (const c of [...cases].reverse()) {
      this.note(c.id, c.state, c.closedAt ?? c.openedAt, `case ${c.state.padEnd(10)}     ${c.title.zh}  ${c.title.en} · ${c.department}`);
    }
    const { commands } = await this.client.get('/api/v1/commands?limit=50');
    for (const c of [...commands].reverse()) {
      if (this.scenario && c.requestedBy?.startsWith('loop:')) continue;
      this.note(c.id, c.status, c.answeredAt ?? c.sentAt ?? c.requestedAt, `command ${c.status.padEnd(12)}${c.deviceName}: ${c.name} = ${JSON.stringify(c.value)}${c.reason ? ` (${c.reason})` : ''}`);
    }
    const figures = this.scenario?.figures(this.stack);
    if (figures) this.note('figures', figures, undefined, figures);
  }
}

function tellStory(stack, choice) {
  if (choice.scenario) return choice.scenario.story.map((line) => line.replace('MQTT_PORT', stack.mqttPort));
  if (choice.simulated) return ['  In fifteen seconds it begins to rain. Watch the underpasses.'];
  return ['  The recording is replayed; the console shows its clock.'];
}

function greet(stack, users, choice) {
  const lines = [
    '',
    `  The console:  ${stack.url}/`,
    '  Sign in as',
    ...users.map((u) => `    ${u.user.padEnd(18)} ${u.password.padEnd(16)} ${u.name.zh} ${u.name.en} · ${u.roles.join(', ')}`),
    '',
    ...tellStory(stack, choice),
    `  Logs: ${stack.folder}/*.log   Ctrl-C ends everything.`,
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function runDemo(options) {
  if (options.scenario && options.city) throw new Wrong('--scenario brings a city of its own: leave --city out');
  const choice = options.scenario ? await chooseScenario(options.scenario) : chooseCity(options.city);
  const folder = join(root, 'build/run', `demo-${choice.name}`);
  const ended = await endLeftovers(folder);
  if (ended.length) say(`demo: ended what an earlier demo had left running (${ended.join(', ')})`);
  build(choice.scenario?.targets ?? ['district_simulator']);
  const port = await choosePort(options.port);
  if (!options.keep) rmSync(folder, { recursive: true, force: true });

  let ending;
  const stack = new Stack(folder, {
    onExit: (name, code) => {
      say(`demo: ${name} ended unexpectedly (${code}):\n${stack.tailOf(name)}`);
      end(1);
    },
  });
  const end = (code) => {
    ending ??= (async () => {
      say('demo: ending');
      await stack.stop();
      rmSync(join(folder, 'pids/main'), { force: true });
      process.exit(code);
    })();
    return ending;
  };
  process.on('SIGINT', () => end(0));
  process.on('SIGTERM', () => end(0));
  process.on('SIGHUP', () => end(0));
  writeDown(folder, 'main', process.pid);
  stack.port = port;
  try {
    say('demo: starting broker, server and devices (about 5 s)');
    if (choice.scenario) choice.city = choice.scenario.prepare(folder, options.speed);
    if (choice.simulated) await stack.startBroker();
    const speed = choice.scenario ? undefined : (options.speed ?? (choice.simulated ? undefined : 600));
    await stack.startServer({ city: choice.city, source: choice.source, speed, args: choice.scenario?.serverArgs(folder) });
    if (choice.scenario) {
      choice.scenario.start(stack, { seed: options.seed });
    } else if (choice.simulated) {
      const tables = join(choice.city, 'tables');
      stack.startSimulator({ tables, args: ['--seed', String(options.seed)] });
    }
    const users = await new Client(stack.url).get('/api/v1/session/demo-users');
    greet(stack, users, choice);
    const watcher = users.find((u) => u.roles.includes('supervisor')) ?? users[0];
    const client = await Client.demo(stack.url, watcher.user);
    await choice.scenario?.welcome(client);
    const story = new Story(client, stack, choice.scenario);
    while (!ending) {
      await story.look().catch((problem) => ending || say(`demo: ${problem.message}`));
      await sleep(1000);
    }
  } catch (problem) {
    if (ending) return ending;
    say(`demo: ${problem.message}`);
    await end(1);
  }
  await ending;
}

async function stopAll() {
  const runs = join(root, 'build/run');
  for (const name of existsSync(runs) ? readdirSync(runs) : []) {
    const ended = await endLeftovers(join(runs, name));
    if (ended.length) say(`ended ${ended.join(', ')} of ${name}`);
  }
}

try {
  const options = readArguments(process.argv.slice(2));
  await (options.stop ? stopAll() : runDemo(options));
} catch (problem) {
  if (!(problem instanceof Wrong)) throw problem;
  say(`demo: ${problem.message}`);
  process.exit(2);
}
