// What the tests of the citizens' pages share: a phone in somebody's hand, and photos as a camera makes them.
import { connect, createServer } from 'node:net';
import { noMotion, openPage } from './lib.mjs';

export const phone = { width: 360, height: 740 };
export const inCity = { longitude: 120.142, latitude: 30.262 };

export async function openPhone(
  { browser, base },
  { at = inCity, path = '/c', allow = ['geolocation'], ...more } = {},
) {
  const opened = await openPage(browser, { language: 'en', ...phone, ...more });
  await opened.context.grantPermissions(allow, { origin: base });
  if (at) await opened.context.setGeolocation(at);
  await noMotion(opened.page);
  if (path) await opened.page.goto(`${base}${path}`);
  return opened;
}

// Where a photo was taken, as a camera writes it into the file: an EXIF segment with the GPS tags alone.
function exifOf({ lon, lat }) {
  const tiff = Buffer.alloc(128);
  tiff.write('II', 0, 'latin1');
  tiff.writeUInt16LE(42, 2);
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(1, 8);
  const entry = (at, tag, type, count, value) => {
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  };
  entry(10, 0x8825, 4, 1, 26);
  tiff.writeUInt16LE(4, 26);
  entry(28, 1, 2, 2, (lat < 0 ? 'S' : 'N').charCodeAt(0));
  entry(40, 2, 5, 3, 80);
  entry(52, 3, 2, 2, (lon < 0 ? 'W' : 'E').charCodeAt(0));
  entry(64, 4, 5, 3, 104);
  const put = (at, value) => {
    const whole = Math.abs(value);
    const minutes = (whole % 1) * 60;
    const parts = [Math.floor(whole), Math.floor(minutes), Math.round((minutes % 1) * 60_000)];
    for (const [i, part] of parts.entries()) {
      tiff.writeUInt32LE(part, at + i * 8);
      tiff.writeUInt32LE(i === 2 ? 1000 : 1, at + i * 8 + 4);
    }
  };
  put(80, lat);
  put(104, lon);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(0xffe1, 0);
  head.writeUInt16BE(tiff.length + 8, 2);
  head.write('Exif\0\0', 4, 'latin1');
  return Buffer.concat([head, tiff]);
}

// A picture as a camera would give it: drawn in the page, so that it is a real JPEG; with its place, when there is one.
export async function makePhoto(page, { colour = '#7a5c3e', width = 2400, height = 1600, place, grain = 0 } = {}) {
  const bytes = await page.evaluate(
    async ([fill, w, h, specks]) => {
      const canvas = document.createElement('canvas');
      canvas.width = w;
      canvas.height = h;
      const ctx = canvas.getContext('2d');
      ctx.fillStyle = '#9db4c0';
      ctx.fillRect(0, 0, w, h / 2);
      ctx.fillStyle = fill;
      ctx.fillRect(0, h / 2, w, h / 2);
      ctx.fillStyle = '#222';
      ctx.fillRect(w / 2 - 20, h / 6, 40, (h * 2) / 3);
      // What makes a file large, as the world does.
      for (let i = 0; i < specks; i++) {
        ctx.fillStyle = `hsl(${(i * 47) % 360} 40% ${30 + ((i * 13) % 50)}%)`;
        ctx.fillRect((i * 7919) % w, (i * 104_729) % h, 9, 9);
      }
      const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
      return [...new Uint8Array(await blob.arrayBuffer())];
    },
    [colour, width, height, grain],
  );
  const jpeg = Buffer.from(bytes);
  const buffer = place ? Buffer.concat([jpeg.subarray(0, 2), exifOf(place), jpeg.subarray(2)]) : jpeg;
  return { name: 'photo.jpg', mimeType: 'image/jpeg', buffer };
}

export const next = (page) => page.click('[data-act="next"]');
export const atStep = (page, step) => page.waitForSelector(`form[data-step="${step}"]`);

// Small things that a thumb would miss; links within a sentence are none.
export const smallTargets = (page) =>
  page
    .locator(
      'button:visible, a.button:visible, a.tab:visible, .choice:visible, select:visible, summary:visible, .take:visible, .report-row > a:visible',
    )
    .evaluateAll((all) =>
      all
        .map((each) => [each.textContent.trim().slice(0, 30), Math.round(each.getBoundingClientRect().height)])
        .filter(([, height]) => height > 0 && height < 44),
    );

// A line to the server that can be cut: what goes over it is gone for pages and service workers alike.
export async function makeLine(target) {
  const { hostname, port } = new URL(target);
  const open = new Set();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const end of [near, far]) {
      open.add(end);
      end.on('close', () => open.delete(end));
      end.on('error', () => end.destroy());
    }
    near.pipe(far);
    far.pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const cut = () => {
    whole = false;
    for (const end of open) end.destroy();
  };
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    cut,
    mend: () => {
      whole = true;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
