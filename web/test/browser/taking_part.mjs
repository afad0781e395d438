// What staff do for those who take part, by clicks and keys: reports, proposals and comments are moderated in their threads and
// decisions taken back; a round is made, refused where it is wrong, previewed, watched while it runs, and its count proven.
import { callApi, openAs, openPage, runTest, screensAreUsable, seriousIn, signIn } from './lib.mjs';

const urn = (name) => `urn:ngsi-ld:Case:${name}`;

async function reportsAreModerated({ fake, checks }, page, base) {
  await page.goto(`${base}/citizens`);
  await page.waitForURL('**/citizens/moderation');
  await page.waitForSelector('.rows .row');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.moderation mark');
  checks.is('what looks like personal data is marked', (await page.locator('.moderation mark').count()) === 2);
  const sent = () => page.locator('.moderation .quote').textContent();
  checks.is('and blacked out until it is asked for', !/138/.test(await sent()), await sent());
  await page.click('.moderation h2');
  await page.keyboard.press('v');
  await checks.becomes('v uncovers it', 30_000, async () => /13800138000/.test(await sent()));
  const masked = await page.inputValue('#public-text');
  checks.is('the public is to read it blacked out', /■/.test(masked) && !/138/.test(masked), masked);
  await page.keyboard.press('y');
  await checks.becomes('y shows it to the public', 30_000, () => {
    const report = fake.desk.reports.find((each) => each.case === urn('report-1'));
    return report.state === 'shown' && !/138/.test(report.publicText);
  });
}

async function proposalsAreModerated({ fake, checks }, page) {
  const proposal = () => fake.desk.proposals[0];
  await page.click('.split-head .ant-segmented-item >> text=Proposals');
  await page.click(`[data-row="${urn('proposal-1')}"]`);
  await page.waitForSelector('#public-title');
  await page.fill('#public-title', 'A light at the school');
  await page.click('.moderation h2');
  await checks.becomes("a proposal is published in a moderator's words", 30_000, async () => {
    await page.keyboard.press('y');
    return proposal().state === 'shown' && proposal().publicTitle === 'A light at the school';
  });
  await page.waitForSelector('.last-decision');
  await page.keyboard.press('z');
  await page.waitForSelector('.moderation [data-act="show"] >> text=Reword');
  await page.click('[data-act="show"]');
  await page.waitForSelector('#moderation-missing');
  checks.is(
    'words that others have read are not changed without saying why',
    proposal().decidedAt && !proposal().reason,
  );
  checks.is(
    'the cursor stands where the reason goes',
    await page.evaluate(() => document.activeElement?.id === 'moderation-reason'),
  );
  await page.keyboard.type('a name stood in it');
  await page.click('[data-act="show"]');
  await checks.becomes('with a reason they are', 30_000, () => proposal().reason === 'a name stood in it');
}

async function commentsAreModerated({ fake, checks }, page) {
  const comment = (id) => fake.desk.comments.find((each) => each.id === id);
  await page.goto(page.url().replace(/\?.*/, '?of=comments'));
  await page.waitForSelector('[data-row="c-2"]');
  const first = await page.locator('.rows .row').first().getAttribute('data-row');
  checks.is('what was flagged stands first', first === 'c-2', first);
  await page.click('[data-row="c-2"]');
  await page.waitForSelector('.thread [data-comment="c-5"]');
  const thread = await page
    .locator('.thread [data-comment]')
    .evaluateAll((all) => all.map((each) => each.dataset.comment));
  checks.is('the whole thread is in view, replies below', thread.join() === 'c-1,c-4,c-5,c-3,c-2', thread.join());
  const words = await page.locator('.thread').textContent();
  checks.is('in it what is personal is blacked out', !/139/.test(words), words);
  await page.click('[data-act="hide"]');
  await page.waitForSelector('#moderation-missing');
  checks.is('nothing is withheld without a reason', comment('c-2').state === 'waiting');
  await page.fill('#moderation-reason', 'Insult');
  await page.click('[data-act="hide"]');
  await checks.becomes('a comment is hidden with its reason', 30_000, () => comment('c-2').reason === 'Insult');
  await page.waitForSelector('.last-decision');
  await page.click('.last-decision-text');
  await page.keyboard.press('z');
  await checks.becomes('z takes it back: it waits again', 30_000, () => comment('c-2').state === 'waiting');
  await page.waitForSelector('[data-row="c-2"][aria-current="true"]');
  await page.fill('#official-answer', 'Please be kind');
  await page.click('[data-act="answer"]');
  await checks.becomes('the city answers in the thread', 30_000, () =>
    fake.desk.comments.some((each) => each.official && each.replyTo === 'c-2' && each.text === 'Please be kind'),
  );
  for (const id of ['c-2', 'c-1', 'c-3']) {
    await page.click(`[data-row="${id}"]`);
    await page.waitForSelector(`.thread [data-comment="${id}"][aria-current="true"]`);
    await page.click('[data-act="show"]');
    await checks.becomes(`${id} is shown`, 30_000, () => comment(id).state === 'shown');
  }
  await page.waitForSelector('.split-list .blank');
  checks.is('when nothing waits the list says so', /Nothing waits/.test(await page.textContent('.split-list .blank')));
}

async function aRoundIsHeld({ fake, checks, base }, page) {
  await page.goto(`${base}/citizens/rounds`);
  await page.waitForSelector('[data-round="east-2026"] .round-turnout');
  const turnout = await page.textContent('.round-turnout');
  checks.is('a round that runs tells how many take part', /318 of 1200 codes used, 301 ballots/.test(turnout), turnout);
  checks.is('and nothing of how they choose', (await page.locator('.round-count').count()) === 0);
  await page.click('[data-act="see-terms"]');
  await page.waitForSelector('.ant-modal #budget');
  checks.is('its terms stand fast', await page.isDisabled('.ant-modal #budget'));
  const fast = await page.locator('.ant-modal .ant-form-item-extra >> text=Stands fast since voting opened').count();
  checks.is('and each field says so', fast >= 9, String(fast));
  await page.keyboard.press('Escape');
  await page.waitForSelector('.ant-modal', { state: 'detached' });

  await page.click('[data-row="lakeside-2027"]');
  await page.waitForSelector('[data-round="lakeside-2027"] .round-codes');
  await page.keyboard.press('e');
  await page.waitForSelector('.ant-modal #budget');
  await page.fill('.ant-modal #budget', '750000');
  await page.fill('.ant-modal #nameEn', 'Lakeside, next year');
  await checks.becomes('the preview reads as citizens will', 30_000, async () => {
    const read = await page.textContent('.round-preview-page');
    return /Lakeside, next year/.test(read) && /750,000/.test(read) && /Choose at most 5 projects/.test(read);
  });
  await page.click('.round-preview .ant-segmented-item >> text=中文');
  await page.waitForSelector('.round-preview-page >> text=最多选 5 个项目');
  const serious = await seriousIn(page);
  checks.is('the form: axe finds nothing serious', serious === '', serious);
  await page.fill('.ant-modal #textZh', '');
  await page.click('.ant-modal .ant-btn-primary');
  await page.waitForSelector('#textZh_help');
  const said = await page.textContent('#textZh_help');
  checks.is('what the server refuses is said at its field', /needed in both languages/.test(said), said);
  await page.fill('.ant-modal #textZh', '五十万元。');
  await page.click('.ant-modal .ant-btn-primary');
  await checks.becomes('a round that has not opened is changed', 30_000, () =>
    fake.desk.rounds.some((each) => each.budget === 750_000 && each.name.en === 'Lakeside, next year'),
  );
}

async function aCountIsProven({ fake, checks }, page) {
  await page.click('[data-row="lakeside-2026"]');
  await page.waitForSelector('[data-round="lakeside-2026"] .round-count tbody tr');
  checks.is('a counted round shows its count', (await page.locator('.round-count tbody tr').count()) === 3);
  const proofs = async () => {
    await page.click('[data-act="prove"]');
    await page.waitForSelector('.round-proofs li');
    return page.locator('.round-proofs li').evaluateAll((all) => all.map((each) => each.dataset.holds).join());
  };
  const held = await proofs();
  checks.is('the published ballots bear it out', held === 'true,true,true,true,true', held);
  const round = fake.desk.rounds.find((each) => each.id === 'lakeside-2026');
  round.published = { ...round.published, text: round.published.text.replace('"issued":640', '"issued":600') };
  await checks.becomes('a file that was changed does not', 30_000, async () =>
    (await proofs()).startsWith('false,false'),
  );
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('[data-act="csv"]')]);
  checks.is('the count is a table to take along', file.suggestedFilename() === 'count-lakeside-2026.csv');
}

async function whoMayNotIsRefused({ base, browser, checks }) {
  const { page, context } = await openPage(browser, { language: 'en' });
  await signIn(page, base, 'viewer');
  const wish = { name: { zh: '秋', en: 'Autumn' }, budget: 1, opensAt: '2027-01-01', closesAt: '2027-02-01' };
  const put = await callApi(page, 'PUT', '/api/v1/rounds/autumn', wish);
  checks.is('who does not hold rounds makes none', put.status === 403, String(put.status));
  await page.goto(`${base}/citizens/rounds`);
  await page.waitForSelector('.round');
  const ways = '[data-act="make-round"], [data-act="change-round"], [data-act="see-terms"]';
  checks.is('and is offered no way to', (await page.locator(ways).count()) === 0);
  checks.is('nor told how many take part', (await page.locator('.round-turnout').count()) === 0);
  const queue = await callApi(page, 'GET', '/api/v1/participation/comments');
  checks.is('who handles no cases moderates nothing', queue.status === 403, String(queue.status));
  await context.close();
}

const screens = [
  ['moderation of reports', '/citizens/moderation', '.rows .row'],
  [
    'moderation of a proposal',
    `/citizens/moderation?of=proposals&item=${encodeURIComponent(urn('proposal-1'))}`,
    '.thread',
  ],
  ['moderation of a comment', '/citizens/moderation?of=comments&item=c-3', '.thread [data-comment]'],
  ['a round that runs', '/citizens/rounds?round=east-2026', '.round-turnout'],
  ['a counted round', '/citizens/rounds?round=lakeside-2026', '.round-count tbody tr'],
];

await runTest({ storyAfterMs: 9e9 }, async (place) => {
  await screensAreUsable(place, 'supervisor', screens, { language: 'zh', mode: 'light', size: 'desk' });
  await screensAreUsable(place, 'supervisor', screens, { language: 'en', mode: 'dark', size: 'small' });
  await screensAreUsable(place, 'supervisor', screens, { language: 'zh', mode: 'dark', size: 'phone' });
  const { page, context, complaints } = await openAs(place, 'supervisor');
  await reportsAreModerated(place, page, place.base);
  await proposalsAreModerated(place, page);
  await commentsAreModerated(place, page);
  await aRoundIsHeld(place, page);
  await aCountIsProven(place, page);
  const odd = complaints.filter((each) => !/status of 400/.test(each)); // the refusal that was asked for
  place.checks.is('nothing complained', odd.length === 0, odd.join('\n     '));
  await context.close();
  await whoMayNotIsRefused(place);
});
