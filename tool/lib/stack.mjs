// A whole city on free ports of this machine: broker, server, devices. The demo, the end-to-end tests and the browser
// tests start theirs here.
//
//   const stack = new Stack('build/run/demo');       // logs, data and process ids live in that folder
//   await stack.startBroker(); await stack.startServer({ city: 'demo/district' }); await stack.startSimulator();
//   …  stack.url …  await stack.stop();
//
// Every process is written down with its id and its birth, so that a later run finds what an earlier one left behind and
// never stops a stranger that was given the same id.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, openSync, closeSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

export function portIsFree(port) {
  return new Promise((done) => {
    const server = createServer();
    server.on('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}

function portAnswers(port) {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => (socket.destroy(), done(true)));
    socket.on('error', () => done(false));
  });
}

// When the process was born, in the kernel's ticks; null when there is none (or only its remains).
export function birthOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : fields[19];
  } catch {
    return null;
  }
}

const idsOf = (folder) => join(folder, 'pids');

export function writeDown(folder, name, pid) {
  mkdirSync(idsOf(folder), { recursive: true });
  writeFileSync(join(idsOf(folder), name), JSON.stringify({ pid, birth: birthOf(pid) }));
}

// Asks a process to end, insists after a while, and waits until it is gone.
export async function endProcess({ pid, birth }, patience_ms = 15000) {
  const alive = () => birthOf(pid) === birth && birth !== null;
  const signal = (name) => {
    try {
      process.kill(pid, name);
    } catch {
      // gone meanwhile
    }
  };
  if (!alive()) return;
  signal('SIGTERM');
  for (let waited = 0; alive() && waited < patience_ms; waited += 50) await sleep(50);
  if (alive()) signal('SIGKILL');
  while (alive()) await sleep(20);
}

// Ends what an earlier run left in this folder; gives the names of what was still there.
export async function endLeftovers(folder) {
  if (!existsSync(idsOf(folder))) return [];
  const order = ['main', 'simulator', 'server', 'broker'];
  const names = readdirSync(idsOf(folder)).sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const ended = [];
  for (const name of names) {
    const file = join(idsOf(folder), name);
    try {
      const known = JSON.parse(readFileSync(file, 'utf8'));
      if (known.pid !== process.pid && known.birth !== null && birthOf(known.pid) === known.birth) {
        ended.push(name);
        await endProcess(known);
      }
    } catch {
      // a half-written note names nobody
    }
    rmSync(file, { force: true });
  }
  return ended;
}

export function programFor(name) {
  const folder = process.env.CITYLOOP_BUILD ?? 'build/dev';
  return resolve(root, folder, name);
}

function findMosquitto() {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  const found = places.map((place) => join(place, 'mosquitto')).find(existsSync);
  if (!found) throw new Error('mosquitto is not installed: ./city setup');
  return found;
}

export class Stack {
  // `onExit(name, code)` is told of a process that ends without having been asked to.
  constructor(folder, { onExit } = {}) {
    this.folder = resolve(root, folder);
    this.onExit = onExit;
    this.running = new Map();
    mkdirSync(this.folder, { recursive: true });
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }
  get data() {
    return join(this.folder, 'data');
  }
  logOf(name) {
    return join(this.folder, `${name}.log`);
  }
  tailOf(name, lines = 30) {
    if (!existsSync(this.logOf(name))) return '';
    return readFileSync(this.logOf(name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  start(name, program, args) {
    if (!existsSync(program)) throw new Error(`${program} is missing: ./city build`);
    appendFileSync(this.logOf(name), `--- ${program} ${args.join(' ')}\n`);
    const log = openSync(this.logOf(name), 'a');
    // In a group of its own: the terminal's Ctrl-C reaches us alone, and we end the parts in their order.
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    const running = { child, pid: child.pid, birth: birthOf(child.pid), asked: false };
    this.running.set(name, running);
    writeDown(this.folder, name, child.pid);
    running.ended = new Promise((done) => {
      child.on('error', (problem) => (appendFileSync(this.logOf(name), `${problem.message}\n`), done(-1)));
      child.on('exit', (code, signal) => {
        rmSync(join(idsOf(this.folder), name), { force: true });
        if (this.running.get(name) === running) this.running.delete(name);
        if (!running.asked) this.onExit?.(name, code ?? signal);
        done(code ?? signal);
      });
    });
    return running;
  }

  async until(name, what, ready, timeout_ms) {
    const begun = Date.now();
    const running = this.running.get(name);
    let ended = false;
    running.ended.then(() => (ended = true));
    while (!(await ready())) {
      if (ended) throw new Error(`${name} ended instead of ${what}:\n${this.tailOf(name)}`);
      if (Date.now() - begun > timeout_ms) throw new Error(`${name} is not ${what} after ${timeout_ms / 1000} s:\n${this.tailOf(name)}`);
      await sleep(50);
    }
  }

  async startBroker() {
    this.mqttPort ??= await freePort();
    const store = join(this.folder, 'broker');
    mkdirSync(store, { recursive: true });
    const lines = [
      `listener ${this.mqttPort} 127.0.0.1`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${store}/`,
      'max_queued_messages 0',
      'max_inflight_messages 5000',
      'log_dest stderr',
      'log_type error',
      'log_type warning',
      'log_type notice',
    ];
    // As root it would become another user, to whom this folder is closed.
    if (process.getuid?.() === 0) lines.push('user root');
    const settings = join(this.folder, 'mosquitto.conf');
    writeFileSync(settings, `${lines.join('\n')}\n`);
    this.start('broker', findMosquitto(), ['-c', settings]);
    await this.until('broker', 'listening', () => portAnswers(this.mqttPort), 10000);
  }

  // `args` go to `cityloop serve` as they are; `web`: the build of the console that it gives out.
  async startServer({ city, source, demo = true, speed, web = process.env.CONSOLE_DIST ?? 'web/dist', args = [], timeout_ms = 60000 } = {}) {
    this.port ??= await freePort();
    const all = ['serve', '--city', city, '--data', this.data, '--listen', `127.0.0.1:${this.port}`, '--web', web];
    if (source) all.push('--source', source);
    if (demo) all.push('--demo');
    if (this.mqttPort) all.push('--mqtt', `127.0.0.1:${this.mqttPort}`);
    if (speed !== undefined) all.push('--speed', String(speed));
    this.start('server', programFor('cityloop'), [...all, ...args]);
    const healthy = async () => {
      try {
        return (await fetch(`${this.url}/healthz`)).status === 200;
      } catch {
        return false;
      }
    };
    await this.until('server', 'ready', healthy, timeout_ms);
  }

  startSimulator({ tables = 'demo/district/tables', args = [], name = 'simulator' } = {}) {
    const all = ['--mqtt', `127.0.0.1:${this.mqttPort}`, '--tables', tables, '--client-id', name, ...args];
    return this.start(name, programFor('district_simulator'), all);
  }

  async end(name) {
    const running = this.running.get(name);
    if (!running) return;
    running.asked = true;
    await endProcess(running);
    await running.ended;
  }

  async kill(name) {
    const running = this.running.get(name);
    running.asked = true;
    running.child.kill('SIGKILL');
    await running.ended;
  }

  async stop() {
    const order = [...this.running.keys()].sort((a, b) => (b === 'simulator') - (a === 'simulator'));
    for (const name of order.filter((n) => n !== 'broker')) await this.end(name);
    await this.end('broker');
  }
}
