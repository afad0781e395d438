// Citizens on their phones: report with a photo and without, by touch and by keyboard, with and without a network; follow,
// answer, rate, contest; be told; and look at what the city does. Always the stand-in: it can be unplugged.

import { atStep, inCity, makePhoto, next, openPhone, phone, smallTargets } from './citizen_lib.mjs';
import { noMotion, openPage, overflows, runTest, seriousIn } from './lib.mjs';

const inside = { lon: inCity.longitude, lat: inCity.latitude };
const harmless = /Failed to load resource|ERR_|status of 4/;
const wrongIn = (complaints) => complaints.filter((line) => !harmless.test(line)).join('\n     ');

async function look(checks, page, name) {
  const serious = await seriousIn(page);
  checks.is(`${name}: axe finds nothing serious`, serious === '', serious);
  checks.is(`${name}: fits`, !(await overflows(page)));
  const small = await smallTargets(page);
  checks.is(`${name}: targets are large`, small.length === 0, JSON.stringify(small));
}

// From the first page to the number, with all that is offered on the way.
async function reportWithAPhoto(place, language, mode) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await openPhone(place, { language, mode });
  const of = `${language} ${mode}`;
  await page.waitForSelector('[data-count="open"]');
  checks.is(
    `${of}: the first page counts what is being done`,
    Number(await page.textContent('[data-count="open"]')) > 10,
  );
  await look(checks, page, `home ${of}`);
  await page.click('[data-act="report"]');
  await atStep(page, 'photo');
  const taken = await makePhoto(page, { place: inside, width: 4000, height: 3000, grain: 30_000 });
  checks.is(
    `${of}: the camera gives a large file with its place`,
    taken.buffer.length > 600_000 && taken.buffer.includes('Exif'),
  );
  await page.setInputFiles('[data-take="camera"]', taken);
  await page.waitForSelector('[data-there="true"] img');
  await look(checks, page, `photo ${of}`);
  const before = fake.media.size;
  await next(page);
  await atStep(page, 'place');
  await page.waitForSelector('.map-place[data-ready]');
  await page.waitForSelector('[data-placed="photo"]');
  checks.is(`${of}: the photo's place is offered`, /大道|Street/.test(await page.textContent('.place-now')));
  await look(checks, page, `place ${of}`);
  await page.focus('.map-place canvas');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('[data-placed="hand"]');
  checks.is(`${of}: the pin is moved by the keyboard`, true);
  await page.click('[data-act="from-photo"]');
  await page.waitForSelector('[data-placed="photo"]');
  await page.click('[data-act="here"]');
  await page.waitForSelector('[data-placed="phone"]');
  await next(page);
  await atStep(page, 'nearby');
  checks.is(`${of}: open reports nearby are shown before posting`, (await page.locator('.near').count()) >= 1);
  await look(checks, page, `nearby ${of}`);
  await next(page);
  await atStep(page, 'kind');
  await next(page);
  await page.waitForSelector('[role="alert"]');
  checks.is(`${of}: a kind is asked for`, true);
  await page.click('[data-service="street-light"]');
  await look(checks, page, `kind ${of}`);
  await next(page);
  await atStep(page, 'words');
  await next(page);
  await page.waitForSelector('.field-problem');
  checks.is(`${of}: a question that must be answered is`, (await page.locator('.field-problem').count()) === 1);
  await page.check('input[name="what"][value="out"]');
  await page.fill('textarea[name="description"]', 'Dark at the crossing');
  await look(checks, page, `words ${of}`);
  await next(page);
  await atStep(page, 'contact');
  await page.fill('input[name="email"]', 'ann@exam');
  await next(page);
  await page.waitForSelector('.field-problem');
  await page.fill('input[name="email"]', 'ann@example.org');
  await look(checks, page, `contact ${of}`);
  await next(page);
  await atStep(page, 'review');
  await look(checks, page, `review ${of}`);
  const posts = fake.citizens.posts.length;
  await next(page);
  await page.waitForSelector('[data-state="sent"]');
  const code = await page.getAttribute('[data-code]', 'data-code');
  await look(checks, page, `sent ${of}`);
  const made = fake.citizens.posts.at(-1);
  checks.is(`${of}: it was made once`, fake.citizens.posts.length === posts + 1 && made.code === code);
  checks.is(
    `${of}: with its photo, its answer and its contact`,
    made.media.length === 1 && made.attributes.what === 'out' && made.contact.email === 'ann@example.org',
    JSON.stringify(made),
  );
  checks.is(`${of}: in the language of the page`, made.contact.language === language);
  const photo = fake.media.get(made.media[0]).bytes;
  checks.is(
    `${of}: small, and without its place`,
    photo.length < 400_000 && !photo.includes('Exif') && fake.media.size === before,
  );
  const left = await page.evaluate(
    () =>
      new Promise((tell) => {
        const request = indexedDB.open('cityloop-citizen');
        request.onsuccess = () => {
          const count = request.result.transaction('photos').objectStore('photos').count();
          count.onsuccess = () => tell(count.result);
        };
      }),
  );
  checks.is(`${of}: no photo stays behind on the phone`, left === 0, String(left));
  await page.click('[data-act="follow"]');
  await page.waitForSelector('.seven');
  checks.is(`${of}: the link leads to where it stands`, page.url() === `${base}/r/${made.token}`);
  checks.is(`${of}: at the first of seven steps`, (await page.getAttribute('.seven', 'data-step')) === '1');
  await page.goto(`${base}/c/mine`);
  await page.waitForSelector(`[data-code="${code}"]`);
  checks.is(`${of}: it is among mine`, true);
  checks.is(`${of}: the pages did not complain`, wrongIn(complaints) === '', wrongIn(complaints));
  await context.close();
}

// Nothing but keys; no map, no photo.
async function reportByKeyboard(place) {
  const { checks, fake } = place;
  const { page, context } = await openPhone(place, { at: null, allow: [] });
  await page.addInitScript(() => {
    window.touched = 0;
    window.addEventListener('pointerdown', () => (window.touched += 1), true);
  });
  await page.reload();
  await page.waitForSelector('[data-act="report"]');
  const tabTo = async (selector) => {
    for (let i = 0; i < 90; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return true;
    }
    return checks.is(`the keyboard reaches ${selector}`, false, page.url());
  };
  await tabTo('[data-act="report"]');
  await page.keyboard.press('Enter');
  await atStep(page, 'photo');
  checks.is('the heading has the reader', await page.evaluate(() => document.activeElement?.tagName === 'H1'));
  await tabTo('[data-act="next"]');
  await page.keyboard.press('Enter');
  await atStep(page, 'place');
  await page.waitForSelector('.map-place[data-ready]');
  await tabTo('.without-map summary');
  await page.keyboard.press('Enter');
  await tabTo('select[name="street"]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.waitForSelector('[data-placed="hand"]');
  const before = await page.textContent('.place-now');
  await tabTo('[data-move="north"]');
  for (let i = 0; i < 15; i++) await page.keyboard.press('Enter');
  checks.is('the place is told in words as it moves', (await page.textContent('.place-now')) !== before, before);
  await tabTo('[data-act="next"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('form[data-step="kind"], form[data-step="nearby"]');
  if (await page.locator('form[data-step="nearby"]').count()) {
    await tabTo('[data-act="next"]');
    await page.keyboard.press('Enter');
    await atStep(page, 'kind');
  }
  await tabTo('input[name="service"]');
  await page.keyboard.press('Space');
  await tabTo('[data-act="next"]');
  await page.keyboard.press('Enter');
  await atStep(page, 'words');
  await tabTo('input[name="what"]');
  await page.keyboard.press('Space');
  await tabTo('textarea[name="description"]');
  await page.keyboard.type('Typed, all of it');
  await tabTo('[data-act="next"]');
  await page.keyboard.press('Enter');
  await atStep(page, 'contact');
  await tabTo('[data-act="next"]');
  await page.keyboard.press('Enter');
  await atStep(page, 'review');
  await tabTo('[data-act="next"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-state="sent"]');
  checks.is('a report is made by the keyboard alone', fake.citizens.posts.at(-1).text === 'Typed, all of it');
  checks.is('nothing was touched', (await page.evaluate(() => window.touched)) === 0);
  await context.close();
}

async function reportWithoutANetwork(place) {
  const { base, checks, fake } = place;
  const { page, context, complaints } = await openPhone(place);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.waitForFunction(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('cityloop-citizen-'));
    return names.length === 1 && (await (await caches.open(names[0])).match('/c')) !== undefined;
  });
  const kept = await page.evaluate(async () => (await caches.keys()).join());
  checks.is("a citizen's phone keeps the citizens' pages only", !/cityloop-field/.test(kept), kept);
  fake.unplug();
  await context.setOffline(true);
  await page.goto(`${base}/c/report`);
  await atStep(page, 'photo');
  checks.is('the page starts without a network', true);
  await page.waitForSelector('.waiting-place[data-online="false"] .waiting');
  checks.is('and says so', true);
  await page.setInputFiles('[data-take="album"]', await makePhoto(page, { place: inside, width: 640, height: 480 }));
  await page.waitForSelector('.kept img');
  await page.reload();
  await page.waitForSelector('.kept img');
  checks.is('what was begun is there after a reload', true);
  await next(page);
  await atStep(page, 'place');
  await page.waitForSelector('[data-placed="photo"]');
  await next(page);
  await atStep(page, 'kind');
  await page.click('[data-service="other"]');
  await next(page);
  await page.fill('textarea[name="description"]', 'Written without a network');
  await next(page);
  await atStep(page, 'contact');
  await next(page);
  await atStep(page, 'review');
  const posts = fake.citizens.posts.length;
  const repeated = fake.citizens.repeated;
  await next(page);
  await page.waitForSelector('[data-state="kept"]');
  checks.is('it is told that it is kept on the phone', true);
  await look(checks, page, 'kept without a network');
  await page.goto(`${base}/c/mine`);
  await page.waitForSelector('.unsent[data-state="waiting"]');
  checks.is('it waits among mine', (await page.getAttribute('[data-unsent]', 'data-unsent')) === '1');
  checks.is('and nothing has reached the server', fake.citizens.posts.length === posts);
  fake.citizens.losing = 1; // done, and the answer lost on the way
  fake.plug();
  await context.setOffline(false);
  await page.waitForSelector('[data-unsent="0"]', { state: 'attached', timeout: 60_000 });
  const sent = fake.citizens.posts.slice(posts);
  checks.is(
    'it was sent, and made once',
    sent.length === 1 && sent[0].text === 'Written without a network',
    String(sent.length),
  );
  checks.is('although it was asked for twice', fake.citizens.repeated === repeated + 1, String(fake.citizens.repeated));
  checks.is('with its photo', sent[0].media.length === 1);
  await page.waitForSelector(`[data-code="${sent[0].code}"]`);
  checks.is('its link is kept', true);
  checks.is('the pages did not complain', wrongIn(complaints) === '', wrongIn(complaints));
  await context.close();
}

async function itIsOneOfThese(place) {
  const { base, checks, fake } = place;
  const { page, context } = await openPhone(place);
  await page.click('[data-act="report"]');
  await atStep(page, 'photo');
  await next(page);
  await atStep(page, 'place');
  await next(page);
  await page.waitForSelector('.notice[role="alert"]');
  checks.is('a place is asked for', true);
  await page.click('[data-act="here"]');
  await page.waitForSelector('[data-placed="phone"]');
  await next(page);
  await atStep(page, 'nearby');
  const code = await page.getAttribute('.near', 'data-code');
  await page.click('.near >> nth=0 >> [data-act="same-too"]');
  await atStep(page, 'words');
  await page.check('input[name="what"][value="out"]').catch(() => undefined);
  await page.fill('textarea[name="description"]', 'Me too');
  await next(page);
  await atStep(page, 'contact');
  await next(page);
  await atStep(page, 'review');
  await next(page);
  await page.waitForSelector('[data-state="sent"]');
  checks.is('a report may say which it is the same as', fake.citizens.posts.at(-1).sameAs === code);
  const posts = fake.citizens.posts.length;
  await page.goto(`${base}/c/report/place`);
  await page.click('[data-act="here"]');
  await page.waitForSelector('[data-placed="phone"]');
  await next(page);
  await atStep(page, 'nearby');
  await page.click('.near >> nth=0 >> [data-act="same-follow"]');
  await page.waitForSelector('.stand');
  await page.goto(`${base}/c/mine`);
  await page.waitForSelector('.report-row');
  checks.is('or one follows that one, and none is made', fake.citizens.posts.length === posts);
  await context.close();
}

async function placesThatAreNone(place) {
  const { base, checks } = place;
  const { page, context } = await openPhone(place, {
    at: { longitude: 121.5, latitude: 31.2 },
    path: '/c/report/place',
  });
  await page.waitForSelector('.map-place[data-ready]');
  await page.click('[data-act="here"]');
  await page.waitForSelector('[data-inside="false"]');
  checks.is(
    'a place outside the city is refused, kindly',
    /outside Lakeside/.test(await page.textContent('.place-now')),
  );
  await next(page);
  await page.waitForSelector('.notice[role="alert"]');
  checks.is('one does not go on with it', await page.locator('form[data-step="place"]').isVisible());
  await context.close();

  const blind = await openPhone(place, { path: null });
  await blind.page.addInitScript(() => {
    HTMLCanvasElement.prototype.getContext = () => null;
  });
  await blind.page.goto(`${base}/c/report/place`);
  await blind.page.waitForSelector('.map-failed');
  await blind.page.click('.without-map summary');
  await blind.page.selectOption('select[name="street"]', { index: 3 });
  await blind.page.waitForSelector('[data-inside="true"]');
  checks.is('without a map, a place is chosen by street', true);
  await blind.page.goto(`${base}/c/reports`);
  await blind.page.waitForSelector('.map-failed');
  await blind.page.click('input[name="view"] >> nth=1');
  await blind.page.waitForSelector('.report-row');
  checks.is('and the list shows what the map would', (await blind.page.locator('.report-row').count()) > 5);
  await blind.context.close();
}

async function followTheReport(place) {
  const { base, checks, fake } = place;
  const { citizens } = fake;
  const report = citizens.make({
    service: 'street-light',
    description: 'Dark',
    location: inside,
    contact: { name: 'Ann', email: 'ann@example.org' },
  });
  const { page, context, complaints } = await openPhone(place, {
    path: `/r/${report.token}`,
    allow: ['notifications'],
  });
  await page.waitForSelector('.stand');
  const stands = async (status) => {
    await page.reload();
    await page.waitForSelector(`.stand-words[data-status="${status}"]`);
  };
  citizens.move(report.code, 'asked', { reason: 'Which lamp is it?' });
  await stands('asked');
  await page.fill('textarea[name="note"]', 'The one at the corner');
  await page.setInputFiles('[data-take="note"]', await makePhoto(page, { width: 800, height: 600 }));
  await page.waitForSelector('.note-photos .kept img');
  await look(checks, page, 'follow, asked');
  await page.click('[data-act="note"]');
  await page.waitForSelector('.stand-words[data-status="received"]');
  checks.is(
    'a question is answered, with a photo',
    report.notes[0]?.note === 'The one at the corner' && report.notes[0].media.length === 1,
    JSON.stringify(report.notes),
  );
  const lighting = { zh: '照明', en: 'Street lighting' };
  for (const status of ['taken_up', 'sent', 'in_work', 'checking'])
    citizens.move(report.code, status, { with: lighting });
  citizens.move(report.code, 'in_work', { with: lighting });
  await stands('in_work');
  checks.is('it says with whom it is', /Street lighting/.test(await page.textContent('.stand')));
  checks.is('and that it was sent back once', (await page.locator('.history .pill').count()) === 1);
  await look(checks, page, 'follow, sent back');
  citizens.move(report.code, 'checking', { with: lighting });
  citizens.move(report.code, 'fixed');
  await stands('fixed');
  await page.click('[data-act="rate"]');
  await page.waitForSelector('[data-form="rating"] [role="alert"]');
  await page.click('.stars label >> nth=3');
  await page.fill('textarea[name="rating-note"]', 'Quick');
  await look(checks, page, 'follow, to be rated');
  await page.click('[data-act="rate"]');
  await page.waitForSelector('.seven[data-step="8"]');
  checks.is('it is rated once', report.rating === 4);
  await page.click('.contest summary');
  await page.fill('textarea[name="contest"]', 'It is dark again');
  await page.click('[data-act="contest"]');
  await page.waitForSelector('.stand-words[data-status="received"]');
  checks.is('and contested', report.steps.at(-1).status === 'received');

  report.contactSeen.push({ at: new Date().toISOString(), department: lighting });
  await stands('received');
  checks.is('it says who looked at the contact', /Street lighting/.test(await page.textContent('.seen')));
  await page.click('[data-act="edit-contact"]');
  await page.fill('[data-form="contact"] input[name="email"]', 'bob@example.org');
  await page.click('[data-act="save-contact"]');
  await checks.becomes('the contact is changed', 10_000, () => report.contact?.email === 'bob@example.org');
  await page.click('[data-act="erase"]');
  await page.click('[data-act="erase-yes"]');
  await checks.becomes('and erased', 10_000, () => report.contact === null);
  await page.goto(`${base}/r/nobodys-link`);
  await page.waitForSelector('.notice[role="alert"]');
  checks.is('a wrong link says so', /link is wrong/.test(await page.textContent('.notice')));
  checks.is('the pages did not complain', wrongIn(complaints) === '', wrongIn(complaints));
  await context.close();
}

// The push service is the browser maker's; what it would deliver is delivered here by the browser's own tools.
async function beTold(place) {
  const { base, checks, fake } = place;
  const { citizens } = fake;
  const report = citizens.make({ service: 'other', description: 'Loose stone', location: inside });
  const { page, context } = await openPhone(place, { path: null, allow: ['notifications', 'geolocation'] });
  await page.addInitScript(() => {
    const subscription = {
      endpoint: 'https://push.example/abc',
      toJSON: () => ({ endpoint: 'https://push.example/abc', keys: { p256dh: 'BPk', auth: 'YQ' } }),
    };
    PushManager.prototype.getSubscription = async () => null;
    PushManager.prototype.subscribe = async (options) => {
      window.askedWith = options;
      return subscription;
    };
  });
  const tools = await context.newCDPSession(page);
  let registration = null;
  tools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    registration = registrations.find((each) => !each.isDeleted)?.registrationId ?? registration;
  });
  await tools.send('ServiceWorker.enable');
  await page.goto(`${base}/r/${report.token}`);
  await page.click('[data-act="keep"]');
  await page.click('[data-act="push-on"]');
  await page.waitForSelector('[data-act="push-off"]');
  const [kept] = citizens.pushes.get(report.token);
  checks.is(
    'the browser is subscribed, in the language of the page',
    kept.endpoint === 'https://push.example/abc' && kept.language === 'en',
    JSON.stringify(kept),
  );
  checks.is('and only to what is shown', await page.evaluate(() => window.askedWith.userVisibleOnly === true));
  citizens.move(report.code, 'taken_up');
  const message = {
    title: 'Something else 0000',
    body: 'Taken up',
    url: `http://elsewhere.example/r/${report.token}`,
    tag: 'report-1',
    language: 'en',
    status: 'taken_up',
    at: new Date().toISOString(),
  };
  await checks.becomes('the worker is known', 10_000, () => registration);
  await tools.send('ServiceWorker.deliverPushMessage', {
    origin: base,
    registrationId: registration,
    data: JSON.stringify(message),
  });
  await page.waitForSelector('.stand-words[data-status="taken_up"]');
  checks.is('a page that is open shows it at once', true);
  const shown = await page.evaluate(async () => {
    const ready = await navigator.serviceWorker.ready;
    return (await ready.getNotifications()).map(({ title, body, tag, data }) => ({ title, body, tag, data }));
  });
  checks.is('a notice is shown', shown.length === 1 && shown[0].body === 'Taken up', JSON.stringify(shown));
  checks.is(
    "which opens this server's page, whatever host it names",
    shown[0]?.data === `/r/${report.token}`,
    JSON.stringify(shown),
  );
  await page.reload();
  await page.click('[data-act="push-off"]');
  await page.waitForSelector('[data-act="push-on"]');
  checks.is('and it can be turned off', citizens.pushes.get(report.token).length === 0);
  await context.close();
}

async function theWholeCity(place) {
  const { base, checks } = place;
  for (const [language, mode] of [
    ['zh', 'dark'],
    ['en', 'light'],
  ]) {
    const { page, context, complaints } = await openPhone(place, { language, mode, path: '/c/reports' });
    await page.waitForSelector('.map-reports[data-ready]');
    await checks.becomes(
      'the map has its points',
      10_000,
      async () => Number(await page.getAttribute('.map-reports', 'data-points')) > 5,
    );
    await look(checks, page, `map ${language} ${mode}`);
    await page.goto(`${base}/c/reports?view=list&state=closed`);
    await page.waitForSelector('.report-row');
    const closed = await page.textContent('.report-rows');
    checks.is(`${language}: closed and not fixed carries its reason`, /Private property/.test(closed));
    await page.selectOption('select[name="service"]', 'other');
    await checks.becomes(
      `${language}: a kind narrows the list`,
      10_000,
      async () => (await page.locator('.report-row').count()) === 1,
    );
    await look(checks, page, `list ${language} ${mode}`);
    await page.goto(`${base}/c/reports?view=list&state=open&service=other`);
    await page.waitForSelector('.report-row');
    checks.is(
      `${language}: what another body has says where it is`,
      /power company|市电力公司/.test(await page.textContent('.report-rows')),
    );
    await page.click('.report-row >> nth=-1 >> a');
    await page.waitForSelector('.stand');
    await page.waitForSelector('.map-still[data-ready]');
    await look(checks, page, `a public report ${language} ${mode}`);
    await page.click('[data-act="follow"]');
    await page.waitForSelector('[data-act="follow"][aria-pressed="true"]');
    await page.goto(`${base}/c/mine`);
    await page.waitForSelector('.report-row');
    await look(checks, page, `mine ${language} ${mode}`);
    await page.goto(`${base}/c/nothing-here`);
    await page.waitForSelector('.page h1');
    await look(checks, page, `lost ${language} ${mode}`);
    checks.is(`${language}: the pages did not complain`, wrongIn(complaints) === '', wrongIn(complaints));
    await context.close();
  }
}

async function theSurvey(place) {
  const { checks, fake } = place;
  const { page, context } = await openPhone(place, { path: '/c/survey/survey-1' });
  await page.waitForSelector('[data-form="survey"]');
  await page.click('[data-act="answer"]');
  await page.waitForSelector('.field-problem');
  checks.is('a question that must be answered is', true);
  await page.click('.scale-row label >> nth=4');
  await page.check('input[name="good"][value="fast"]');
  await page.fill('textarea[name="words"]', 'Thank you');
  await look(checks, page, 'survey');
  await page.click('[data-act="answer"]');
  await page.waitForSelector('[data-act="withdraw"]');
  const survey = fake.citizens.surveys.get('survey-1');
  checks.is(
    'the answers have arrived',
    survey.answers.satisfied === 5 && survey.answers.good[0] === 'fast',
    JSON.stringify(survey.answers),
  );
  await page.click('[data-act="withdraw"]');
  await page.click('[data-act="withdraw-yes"]');
  await checks.becomes('and are taken back', 10_000, () => !survey.answered);
  await context.close();
}

async function theLanguageAndTheDesk(place) {
  const { base, browser, checks } = place;
  const { page, context } = await openPage(browser, { language: 'zh', width: 1280, height: 900 });
  await noMotion(page);
  await page.goto(`${base}/`);
  await page.click('a[href="/c"]');
  await page.waitForSelector('[data-count="open"]');
  checks.is("the console's sign-in leads here", page.url() === `${base}/c`);
  checks.is('in the language of the browser', (await page.getAttribute('html', 'lang')) === 'zh-CN');
  await look(checks, page, 'home on a desk');
  await page.click('[data-language="en"]');
  await page.waitForSelector('html[lang="en"]');
  await page.reload();
  await page.waitForSelector('[data-count="open"]');
  checks.is('a choice of language is kept', /See it/.test(await page.textContent('h1')));
  await context.close();
  const refused = await openPhone(place, { path: '/c/report/place', viewport: phone });
  await refused.page.click('[data-act="here"]');
  await refused.page.waitForSelector('[data-placed="phone"]');
  await next(refused.page);
  await atStep(refused.page, 'nearby');
  await next(refused.page);
  await refused.page.click('[data-service="other"]');
  await next(refused.page);
  await refused.page.fill('textarea[name="description"]', 'please refuse me');
  await next(refused.page);
  await next(refused.page);
  await atStep(refused.page, 'review');
  await next(refused.page);
  await refused.page.waitForSelector('[data-state="refused"]');
  await refused.page.goto(`${base}/c/mine`);
  await refused.page.click('[data-act="edit"]');
  await atStep(refused.page, 'review');
  checks.is(
    'what was refused is not lost: it can be changed',
    /refuse me/.test(await refused.page.textContent('.review')),
  );
  await refused.context.close();
}

const tests = {
  zh: (place) => reportWithAPhoto(place, 'zh', 'light'),
  en: (place) => reportWithAPhoto(place, 'en', 'dark'),
  keyboard: reportByKeyboard,
  offline: reportWithoutANetwork,
  nearby: itIsOneOfThese,
  places: placesThatAreNone,
  follow: followTheReport,
  push: beTold,
  city: theWholeCity,
  survey: theSurvey,
  desk: theLanguageAndTheDesk,
};
const wanted = process.argv.slice(2); // some of them by name; all of them without
await runTest({ storyAfterMs: 9e9 }, async (place) => {
  for (const [name, test] of Object.entries(tests)) if (!wanted.length || wanted.includes(name)) await test(place);
});
