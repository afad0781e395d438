// The server is killed (kill -9) again and again at moments that a seed chooses while reports come in by every way:
// citizens with photos, the hotline, Open311, warnings (CAP), other systems. Each sender sends again until it is answered, as
// a phone does. In the end each is there once, photos too, and everybody was written to.
//
//   CITYLOOP_SENT=16 CITYLOOP_KILLS=5 CITYLOOP_SEED=1   so many of each way; so many kills
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasMailbox, mailTable, startMailbox } from '../mail/mailbox.mjs';
import { idOf, inCity, sleep, until } from './city.mjs';
import { all, inHands, insist, killer, picture, session, token } from './senders.mjs';

const sent = Number(process.env.CITYLOOP_SENT ?? 16);
const kills = Number(process.env.CITYLOOP_KILLS ?? 5);
const seed = Number(process.env.CITYLOOP_SEED ?? 1);
const limits = ['posts', 'uploads', 'keys', 'reads'].map((what) => `${what} = { per_minute = 60000, burst = 10000 }`).join('\n');

const json = { 'content-type': 'application/json' };
const place = (number) => ({ lon: 120.145 + (number % 20) * 0.001, lat: 30.25 + Math.floor(number / 20) * 0.002 });

function warning(number) {
  const at = new Date().toISOString().replace('Z', '+00:00').replace(/\.\d+/, '');
  const end = new Date(Date.now() + 3600_000).toISOString().replace('Z', '+00:00').replace(/\.\d+/, '');
  return `<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>w-${number}</identifier>
<sender>works@example.org</sender><sent>${at}</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><language>en-US</language>
<category>Infra</category><event>Burst main ${number}</event><urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty>
<expires>${end}</expires><headline>Burst main ${number}</headline><area><areaDesc>Lakeside</areaDesc></area></info></alert>`;
}

// What each way sends, and what it hears when it is there.
function senders(city, keys) {
  const clerk = session(city, 'user:lin.yue');
  const as = (name) => ({ authorization: `Bearer ${keys[name]}` });
  return {
    citizen: async (number, key) => {
      const photo = (await insist(city, '/public/v1/media', { headers: { 'content-type': 'image/png' }, body: picture(number) })).json.id;
      const { lon, lat } = place(number);
      const body = JSON.stringify({ service: 'other', description: `report ${number}`, location: { lon, lat }, media: [photo],
        contact: { email: `citizen${number}@example.com`, language: 'en' } });
      return { ...(await insist(city, '/public/v1/reports', { headers: { ...json, 'Idempotency-Key': key }, body })).json, photo };
    },
    hotline: async (number, key) => {
      const body = JSON.stringify({ channel: 'hotline', description: `call ${number}`, address: `${number} Shore Road` });
      return (await insist(city, '/api/v1/cases', { headers: { ...json, 'Idempotency-Key': key }, body, signIn: clerk })).json;
    },
    open311: async (number, key) => {
      const { lon, lat } = place(number);
      const form = new URLSearchParams({ api_key: keys.open311, service_code: 'other', jurisdiction_id: 'lakeside.example', lat, long: lon, description: `app ${number}` });
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'Idempotency-Key': key };
      return (await insist(city, '/open311/v2/requests.json', { headers, body: form.toString() })).json[0];
    },
    cap: async (number) => (await insist(city, '/api/v1/cap', { headers: { 'content-type': 'application/cap+xml', ...as('system') }, body: warning(number) })).json,
    system: async (number) => {
      const body = JSON.stringify({ channel: 'system', externalId: `lamp-${number}`, title: `lamp ${number} is out` });
      return (await insist(city, '/api/v1/cases', { headers: { ...json, ...as('system') }, body })).json;
    },
  };
}

test(`${5 * sent} reports by five ways through ${kills} kills`, { timeout: 300_000, skip: hasMailbox ? false : 'no python3-aiosmtpd' }, () =>
  inCity('intake-killed', async (city) => {
    const box = await startMailbox(join(city.folder, 'mailbox'));
    try {
      city.copyDistrict();
      city.edit('.', /\[civic\]/, `${mailTable(box)}\n[limits]\n${limits}\n\n[civic]`);
      await city.startBroker();
      const keys = { open311: token(city, 'program:app', 'open311'), system: token(city, 'program:works', 'integrator') };
      await city.serve();
      const send = senders(city, keys);
      const ways = Object.keys(send);
      const items = ways.flatMap((way) => Array.from({ length: sent }, (_, number) => ({ way, number, key: randomUUID() })));
      items.sort((a, b) => a.number - b.number);
      const death = killer(city, { kills, seed, pause_ms: 250 });
      try {
        // However quick the machine: the last fifth waits until the server has died three times.
        const late = items.slice(-items.length / 5);
        await inHands(10, items.map((item) => async () => {
          while (late.includes(item) && death.died < Math.min(kills, 3)) await sleep(20);
          item.heard = await send[item.way](item.number, item.key);
        }));
      } finally {
        death.over = true;
        await death.done;
      }
      assert.ok(death.died >= Math.min(kills, 3), `killed ${death.died} times`);
      await city.kill('server');
      await city.serve();

      const client = await city.signIn('user:sun.hao');
      const listed = await until('what was taken is a case', 20, async () => {
        const found = await all(client, '/api/v1/cases?state=all&kind=other', 'cases');
        return found.length >= items.length ? found : null;
      });
      for (const way of ways) assert.equal(listed.filter((c) => c.channel === way).length, sent, `${way}: each once`);
      assert.equal(new Set(listed.map((c) => c.code)).size, listed.length, 'every number is called once');
      const statistics = await client.get('/api/v1/case-statistics?by=kind&kind=other');
      assert.equal(statistics.total.opened, listed.length, 'counts and lists agree');

      // What was acknowledged is what is there; what is sent again is answered as it was.
      const code = { citizen: (h) => h.code, hotline: (h) => h.code, open311: (h) => h.service_request_id, system: (h) => h.code };
      const codes = new Set(listed.map((c) => c.code));
      for (const { way, number, heard } of items) {
        if (way === 'cap') assert.ok(heard.taken, `warning ${number}`);
        else assert.ok(codes.has(code[way](heard)), `${way} ${number}: ${JSON.stringify(heard).slice(0, 200)}`);
      }
      for (const item of items.filter((i) => i.number === 3)) {
        const again = await send[item.way](item.number, item.key);
        if (item.way === 'cap') assert.equal(again.id, item.heard.id);
        else assert.equal(code[item.way](again), code[item.way](item.heard), `${item.way} again`);
      }
      assert.equal((await all(client, '/api/v1/cases?state=all&kind=other', 'cases')).length, listed.length);

      // Photos that were acknowledged are on disk.
      for (const { heard } of items.filter((i) => i.way === 'citizen')) {
        const photo = await fetch(`${city.url}/public/v1/follow/${heard.token}/media/${heard.photo}`);
        assert.equal(photo.status, 200);
        assert.ok((await photo.arrayBuffer()).byteLength > 100);
      }
      const one = listed.find((c) => c.channel === 'citizen');
      assert.equal((await client.get(`/api/v1/cases/${idOf(one.id)}`)).media.length, 1);

      const idOfMail = (mail) => mail.content.match(/^Message-ID: (.*)$/m)[1].trim();
      const told = () => new Set(box.mails().map(idOfMail));
      await until('every reporter was written to', 40, async () => told().size >= sent);
      assert.equal(told().size, sent, 'one notice for each report; one sent twice has the same Message-ID');
      assert.equal(new Set(box.mails().flatMap((m) => m.to)).size, sent);
      assert.ok(box.mails().length <= sent + death.died + 1, 'at most the one under way at each kill came twice');
    } finally {
      box.stop();
    }
  }));
