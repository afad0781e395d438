// Citizens at a real server: what a phone sends again and again through crashes happens once, notices reach a real
// mailbox, and nobody's upload fills the memory.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasMailbox, mailTable, startMailbox } from '../mail/mailbox.mjs';
import { idOf, inCity, sleep, until } from './city.mjs';

const limits = '[limits]\nposts = { per_minute = 6000, burst = 1000 }\nuploads = { per_minute = 6000, burst = 1000 }\n\n[civic]';

// As a phone does: until it is answered, with the same key.
async function report(city, key, number) {
  const body = JSON.stringify({
    service: 'other', description: `report ${number}`, location: { lon: 120.15, lat: 30.255 },
    contact: { email: `citizen${number}@example.com`, language: 'en' },
  });
  for (let round = 0; round < 200; ++round) {
    try {
      const answer = await fetch(`${city.url}/public/v1/reports`, { method: 'POST', headers: { 'Idempotency-Key': key }, body });
      if (answer.status === 201) return await answer.json();
      assert.ok(answer.status >= 500, `${answer.status} ${await answer.text()}`);
    } catch (problem) {
      if (problem instanceof assert.AssertionError) throw problem;
    }
    await sleep(150);
  }
  return assert.fail('never answered');
}

test('reports through three kills: each once, each with its link, each told of once', { timeout: 300_000, skip: hasMailbox ? false : 'no python3-aiosmtpd' }, () =>
  inCity('citizens-killed', async (city) => {
    const box = await startMailbox(join(city.folder, 'mailbox'));
    try {
      city.copyDistrict();
      city.edit('.', /\[civic\]/, `${mailTable(box)}\n${limits}`);
      await city.startBroker();
      await city.serve();
      const keys = Array.from({ length: 24 }, () => randomUUID());
      const posted = Promise.all(keys.map(async (key, number) => {
        await sleep(number * 250);
        return report(city, key, number);
      }));
      for (const pause_ms of [1500, 2200, 1700]) {
        await sleep(pause_ms);
        await city.kill('server');
        await city.serve();
      }
      const reports = await posted;
      assert.equal(new Set(reports.map((r) => r.code)).size, keys.length);
      const again = await report(city, keys[3], 3);
      assert.equal(again.token, reports[3].token);

      const client = await city.signIn('user:sun.hao');
      const { cases } = await client.get('/api/v1/cases?state=all&limit=500');
      assert.equal(cases.filter((c) => c.kind === 'other').length, keys.length, 'no report was lost and none filed twice');
      for (const one of reports) {
        const followed = await (await fetch(`${city.url}/public/v1/follow/${one.token}`)).json();
        assert.equal(followed.code, one.code);
        assert.match(followed.contact.email, /^citizen\d+@example\.com$/);
      }

      const idOfMail = (mail) => mail.content.match(/^Message-ID: (.*)$/m)[1].trim();
      const told = () => new Set(box.mails().map(idOfMail));
      await until('every reporter was written to', 60, async () => told().size >= keys.length);
      await client.post(`/api/v1/cases/${idOf(cases.find((c) => c.code === reports[0].code).id)}/actions`, { verb: 'refuse', note: 'a test' });
      await until('the step is told', 30, async () => told().size >= keys.length + 1);
      await sleep(2500);
      assert.equal(told().size, keys.length + 1, 'one notice a step; one sent twice has the same Message-ID');
      assert.ok(box.mails().length <= keys.length + 1 + 3, 'at most the one under way at each kill came twice');
      assert.equal(new Set(box.mails().flatMap((m) => m.to)).size, keys.length);
    } finally {
      box.stop();
    }
  }));

test('an upload of 50 MB is refused by its length, before it was sent', { timeout: 120_000 }, () =>
  inCity('citizens-upload', async (city) => {
    await city.startBroker();
    await city.serve();
    const { hostname, port } = new URL(city.url);
    const answer = await new Promise((done, failed) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(`POST /public/v1/media HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: image/jpeg\r\nContent-Length: ${50 << 20}\r\n\r\n`);
        socket.write(Buffer.alloc(64 << 10, 0xff));  // and then nothing more
      });
      let text = '';
      socket.on('data', (part) => {
        text += part;
        if (text.includes('\r\n\r\n')) socket.destroy(), done(text);
      });
      socket.on('error', failed);
      socket.setTimeout(20_000, () => failed(new Error('no answer while most of it is not sent')));
    });
    assert.match(answer, /^HTTP\/1\.1 413 /);
    const script = await fetch(`${city.url}/public/v1/media`, { method: 'POST', headers: { 'Content-Type': 'image/jpeg' }, body: '<script>alert(1)</script>' });
    assert.equal(script.status, 415);
    assert.equal((await fetch(`${city.url}/open311/v2/services.xml`)).status, 200);
    assert.equal((await fetch(`${city.url}/public/v1/services`)).status, 200);
  }));
