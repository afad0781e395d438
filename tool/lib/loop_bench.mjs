// How long from a message at the broker to its finding on an open web socket, with a steady stream of readings beside it.
//
// The time begins when the reading was due to be published, as its own time stamp says, so waiting inside the sender and
// in the broker counts too. The rule that finds is one of its own: noise above 100 dB, without hold.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from './client.mjs';
import { root, sleep, Stack } from './stack.mjs';

const rule = `[[rule]]
id = "bench-loud"
name = { zh = "测速", en = "For measuring" }
title = { zh = "很响", en = "Very loud" }
kind = "threshold"
type = "NoiseLevelObserved"
condition = "LAeq>100"
clear = "LAeq<=100"
severity = "minor"
`;

const atRank = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

async function listen(url, cookie, onFinding) {
  const Socket = globalThis.WebSocket ?? (await import('../../web/node_modules/ws/wrapper.mjs')).default;
  const socket = new Socket(`${url.replace('http', 'ws')}/api/v1/live`, { headers: { cookie } });
  await new Promise((done, failed) => {
    socket.addEventListener('open', done);
    socket.addEventListener('error', failed);
  });
  socket.addEventListener('message', (event) => {
    const arrived = Date.now();
    const message = JSON.parse(event.data);
    if (message.kind === 'finding') onFinding(message.finding ?? message, arrived);
  });
  socket.send(JSON.stringify({ subscribe: ['findings'] }));
  return socket;
}

export async function measureLoop(args, say) {
  const rate = Number(args[0] ?? 5000);
  const seconds = Number(args[1] ?? 30);
  const folder = join(root, 'build/run/bench-loop');
  rmSync(folder, { recursive: true, force: true });
  const stack = new Stack(folder);
  const city = join(folder, 'city');
  cpSync(join(root, 'demo/district'), city, { recursive: true });
  rmSync(join(city, 'rules'), { recursive: true, force: true });
  mkdirSync(join(city, 'rules'));
  writeFileSync(join(city, 'rules/bench.toml'), rule);
  say(`bench: ${rate} readings a second for ${seconds} s`);
  try {
    await stack.startBroker();
    await stack.startServer({ city });
    const client = await Client.demo(stack.url, 'user:lin.yue');
    const delays_ms = [];
    const seen = new Set(); // a finding that clears within milliseconds may be told once, as cleared
    const socket = await listen(stack.url, client.cookie, (finding, arrived) => {
      const value = finding.why?.values?.[0];
      if (!value || seen.has(finding.id)) return;
      seen.add(finding.id);
      delays_ms.push(arrived - Date.parse(value.observedAt));
    });
    const sender = stack.startSimulator({ args: ['--rate', String(rate), '--rate-count', String(rate * seconds)] });
    const code = await sender.ended;
    await sleep(1500);
    socket.close();
    if (code !== 0 || !delays_ms.length) throw new Error(`no measurement: ${stack.tailOf('simulator', 5)}\n${stack.tailOf('server', 10)}`);
    delays_ms.sort((a, b) => a - b);
    const { feeds } = await client.get('/api/v1/feeds');
    const { accepted } = feeds.find((f) => f.name === 'sensors');
    console.log(`${delays_ms.length} findings among ${rate * seconds} readings (${accepted} accepted), ${rate} a second`);
    for (const [name, share] of [['p50', 0.5], ['p90', 0.9], ['p99', 0.99], ['max', 1]]) {
      console.log(`${name.padStart(5)}  ${atRank(delays_ms, share)} ms`);
    }
  } finally {
    await stack.stop();
  }
}
