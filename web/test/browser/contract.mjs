// Does the server keep to api/openapi.yaml and api/events.schema.json? Asks every question that changes nothing.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { callApi, openPage, runTest, signIn } from './lib.mjs';

const read = (path) => readFileSync(new URL(`../../../api/${path}`, import.meta.url), 'utf8');

function makeValidator() {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'openapi', ...parse(read('openapi.yaml')) });
  ajv.addSchema(JSON.parse(read('events.schema.json')), 'events');
  return (ref, value) => {
    const validate = ajv.getSchema(ref) ?? ajv.compile({ $ref: ref });
    if (validate(value)) return '';
    return ajv.errorsText(validate.errors?.slice(0, 5), { separator: '\n     ' });
  };
}

// What a socket says in some seconds.
const listen = (page, seconds) =>
  page.evaluate(
    (wait) =>
      new Promise((done) => {
        const heard = [];
        const socket = new WebSocket(`ws://${location.host}/api/v1/live`);
        socket.onopen = () =>
          socket.send(JSON.stringify({ subscribe: ['entities', 'findings', 'cases', 'commands', 'feeds', 'clock'] }));
        socket.onmessage = (event) => heard.push(JSON.parse(event.data));
        setTimeout(() => {
          socket.close();
          done(heard);
        }, wait * 1000);
      }),
    seconds,
  );

const detailOf = { finding: 'Finding', case: 'CaseSummary', command: 'Command' };

await runTest({ storyAfterMs: 500 }, async ({ base, browser, checks }) => {
  const { page } = await openPage(browser);
  await signIn(page, base, 'supervisor');
  const problem = makeValidator();
  const ask = async (path, schema) => {
    const { status, body } = await callApi(page, 'GET', path);
    const wrong = status === 200 ? problem(`openapi#/components/schemas/${schema}`, body) : `status ${status}`;
    checks.is(`GET ${path.slice(0, 70)} is a ${schema}`, wrong === '', wrong);
    return body;
  };
  const part = encodeURIComponent;
  await ask('/api/v1/session', 'Session');
  await ask('/api/v1/city', 'City');
  const map = await ask('/api/v1/map', 'CityMap');
  const some = map.entities.find((entity) => typeof entity.main?.value === 'number');
  if (checks.is('something on the map has a number', some)) {
    await ask(`/ngsi-ld/v1/entities/${part(some.id)}?options=sysAttrs`, 'Entity');
    await ask(`/api/v1/history?entity=${part(some.id)}&attribute=${some.main.attribute}&points=50`, 'History');
  }
  const findings = await ask('/api/v1/findings?limit=20', 'FindingPage');
  if (findings.findings[0]) await ask(`/api/v1/findings/${part(findings.findings[0].id)}`, 'Finding');
  const cases = await ask('/api/v1/cases?state=all&limit=20', 'CasePage');
  if (cases.cases[0]) {
    await ask(`/api/v1/cases/${part(cases.cases[0].id)}`, 'Case');
    await ask(`/api/v1/cases/${part(cases.cases[0].id)}/trace`, 'Trace');
  }
  await ask('/api/v1/cases/map?bbox=-180,-85,180,85&zoom=3&limit=2', 'CaseMap');
  await ask('/api/v1/case-statistics?by=area', 'CaseStatistics');
  await ask('/api/v1/case-statistics/closed/cases?limit=5', 'CasePage');
  await ask('/api/v1/commands', 'CommandPage');
  await ask('/api/v1/devices', 'DevicePage');
  const feeds = await ask('/api/v1/feeds', 'FeedPage');
  if (feeds.feeds[0]) await ask(`/api/v1/feeds/${part(feeds.feeds[0].name)}/rejects`, 'RejectPage');
  const rules = await ask('/api/v1/rules', 'RulePage');
  if (rules.rules[0]) {
    await ask(`/api/v1/rules/${part(rules.rules[0].id)}`, 'RuleDetail');
  }
  await ask('/api/v1/operations', 'Operations');
  const missing = await callApi(page, 'GET', '/api/v1/cases/urn:ngsi-ld:Case:nothing');
  checks.is('an unknown case is a 404 problem', missing.status === 404 && missing.body?.title, JSON.stringify(missing));

  const heard = await listen(page, 4);
  checks.is('the socket begins with hello', heard[0]?.kind === 'hello', JSON.stringify(heard[0]));
  checks.is(
    'the clock is told',
    heard.some((message) => message.kind === 'clock'),
  );
  checks.is(
    'feeds are told',
    heard.some((message) => message.kind === 'feeds'),
  );
  for (const kind of new Set(heard.map((message) => message.kind))) {
    const wrong = heard
      .filter((message) => message.kind === kind)
      .map(
        (message) =>
          problem('events#/$defs/fromServer', message) ||
          (detailOf[kind] ? problem(`openapi#/components/schemas/${detailOf[kind]}`, message[kind]) : ''),
      )
      .find(Boolean);
    checks.is(`messages of kind ${kind} keep to the schema`, !wrong, wrong);
  }
  const bare = await page.evaluate(async () => (await fetch('/api/v1/cases', { method: 'POST', body: '{}' })).status);
  checks.is('a change without X-Cityloop-Client is refused', bare === 403, `status ${bare}`);

  // Whoever writes rules may try them on the past.
  const rule = rules.rules[0];
  if (!rule) return;
  const { page: desk } = await openPage(browser);
  await signIn(desk, base, 'integrator');
  const { body: city } = await callApi(desk, 'GET', '/api/v1/city');
  const now = Date.parse(city.clock.now);
  const period = { from: new Date(now - 3600_000).toISOString(), to: new Date(now).toISOString() };
  const test = await callApi(desk, 'POST', `/api/v1/rules/${part(rule.id)}/backtest`, period);
  const wrong =
    test.status === 200 ? problem('openapi#/components/schemas/Backtest', test.body) : `status ${test.status}`;
  checks.is('a backtest is a Backtest', wrong === '', wrong);
});
