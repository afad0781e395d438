// Cases end and go to the archive a moment later while the server is killed (kill -9) at moments that a seed chooses. At
// every moment each is found once, by its id and in lists: in hand or in the archive, never in both and never in none;
// counts, lists and its evidence agree in the end.
//
//   CITYLOOP_ENDED=64 CITYLOOP_KILLS=5 CITYLOOP_SEED=2   other numbers
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { idOf, inCity, sleep, until } from './city.mjs';
import { all, inHands, insist, killer, session } from './senders.mjs';

const ended = Number(process.env.CITYLOOP_ENDED ?? 64);
const kills = Number(process.env.CITYLOOP_KILLS ?? 5);
const seed = Number(process.env.CITYLOOP_SEED ?? 2);
const json = { 'content-type': 'application/json' };

test(`${ended} cases go to the archive through ${kills} kills`, { timeout: 300_000 }, () =>
  inCity('archive-killed', async (city) => {
    city.copyDistrict();
    city.edit('casework', /kept = "7d"/g, 'kept = "1s"');
    await city.startBroker();
    await city.serve();
    const clerk = session(city, 'user:lin.yue');
    const ask = (path, body, key) =>
      insist(city, path, { headers: { ...json, 'Idempotency-Key': key }, body: JSON.stringify(body), signIn: clerk }).then((a) => a.json);
    const known = [];
    // Of each eight one stays open.
    const live = async (number) => {
      const one = await ask('/api/v1/cases', { channel: 'hotline', description: `call ${number}` }, randomUUID());
      known.push(one.id);
      if (number % 8 === 7) return;
      try {
        await ask(`/api/v1/cases/${idOf(one.id)}/actions`, { verb: 'refuse', note: `not ours ${number}` }, `end-${seed}-${String(number).padStart(12, '0')}`);
      } catch (problem) {
        if (!/ 409 .*"archived"/.test(problem.message)) throw problem; // done before the kill, and gone to the archive since
      }
    };

    const looked = { times: 0, over: false };
    const watcher = (async () => {
      while (!looked.over) {
        await sleep(120);
        const before = [...known];
        try {
          const client = await city.signIn('user:sun.hao');
          const listed = (await all(client, '/api/v1/cases?state=all&kind=other', 'cases')).map((c) => c.id);
          const found = new Set(listed);
          if (found.size !== listed.length) throw Object.assign(new Error('a case stands in the list twice'), { final: true });
          const missing = before.filter((id) => !found.has(id));
          if (missing.length) throw Object.assign(new Error(`in no list: ${missing}`), { final: true });
          for (const id of before.slice(-5)) await client.get(`/api/v1/cases/${idOf(id)}`);
          ++looked.times;
        } catch (problem) {
          if (problem.final || problem.status === 404) {
            city.given_up = true;
            throw problem;
          } // else the server was just killed
        }
      }
    })();
    const death = killer(city, { kills, seed, pause_ms: 1300 });
    try {
      await Promise.race([inHands(6, Array.from({ length: ended }, (_, number) => () => live(number))), watcher]);
      await Promise.race([death.done, watcher]);
    } finally {
      looked.over = death.over = true;
      await death.done;
    }
    await watcher;
    assert.ok(death.died >= Math.min(kills, 3), `killed ${death.died} times`);
    assert.ok(looked.times >= 3, `looked ${looked.times} times between`);

    const client = await city.signIn('user:sun.hao');
    const open = Math.floor(ended / 8);
    await until('what ended is in the archive', 30, async () => {
      const pages = await Promise.all(known.map((id) => client.get(`/api/v1/cases/${idOf(id)}`)));
      return pages.filter((one) => one.archived).length === ended - open;
    });
    await city.kill('server');
    await city.serve();
    const again = await city.signIn('user:sun.hao');
    const listed = await all(again, '/api/v1/cases?state=all&kind=other', 'cases');
    assert.deepEqual(listed.map((c) => c.id).sort(), [...known].sort(), 'each is listed once');
    const statistics = await again.get('/api/v1/case-statistics?by=kind&kind=other');
    assert.equal(statistics.total.opened, ended, 'counted once');
    assert.equal(statistics.total.open, open);
    const archived = listed.find((c) => c.outcome === 'refused');
    for (const one of listed) {
      const page = await again.get(`/api/v1/cases/${idOf(one.id)}`);
      assert.equal(page.archived, one.outcome === 'refused');
      const steps = page.timeline.filter((s) => s.by.startsWith('user:')).map((s) => s.verb);
      assert.deepEqual(steps, one.outcome === 'refused' ? ['file', 'refuse'] : ['file'], `${one.id}: each step once`);
    }
    await assert.rejects(again.post(`/api/v1/cases/${idOf(archived.id)}/actions`, { verb: 'note', note: 'late' }), { status: 409 });
    const sheet = await fetch(`${city.url}/api/v1/cases/${idOf(archived.id)}/dossier.zip`, { headers: { cookie: again.cookie } });
    assert.equal(sheet.status, 200, 'its evidence as well');
    assert.equal(Buffer.from(await sheet.arrayBuffer()).subarray(0, 2).toString(), 'PK');
  }));
