// Does the server keep to api/openapi.yaml and api/events.schema.json? Asks every question that changes nothing.
import { callApi, openPage, runTest, signIn } from './lib.mjs';
import { makeValidator } from './schema_lib.mjs';

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

// The newest plan of each department that has one.
async function planning(ask) {
  const { departments = [] } = await ask('/api/v1/planning', 'Planning');
  const { proposals = [] } = await ask('/api/v1/proposals', 'ProposalPage');
  const id = departments.find((each) => each.proposal)?.proposal ?? proposals[0]?.id;
  if (!id) return;
  await ask(`/api/v1/proposals/${encodeURIComponent(id)}`, 'Proposal');
  await ask(`/api/v1/proposals/${encodeURIComponent(id)}/lines`, 'RouteLines');
}

const detailOf = { finding: 'Finding', case: 'CaseSummary', command: 'Command' };

await runTest({ on: 'either', storyAfterMs: 500 }, async ({ base, browser, checks, fake }) => {
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
  const city = await ask('/api/v1/city', 'City');
  const packages = await callApi(page, 'GET', '/api/v1/packages');
  checks.is(
    'GET /api/v1/packages names the packages that run',
    packages.status === 200 && packages.body.every(({ name }) => typeof name === 'string'),
    JSON.stringify(packages),
  );
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
  await ask('/api/v1/suggestion-scores', 'SuggestionScores');
  const { indicators = [] } = await ask('/api/v1/indicators', 'IndicatorList');
  for (const { id, over } of [indicators.find((each) => each.over === 'formula'), indicators[0]].filter(Boolean)) {
    await ask(`/api/v1/indicators/${id}`, 'Indicator');
    await ask(`/api/v1/indicators/${id}/areas`, 'IndicatorAreas');
    await ask(`/api/v1/indicators/${id}/history`, 'IndicatorHistory');
    if (over !== 'formula') await ask(`/api/v1/indicators/${id}/behind?limit=3`, 'IndicatorBehind');
  }
  await ask('/api/v1/checkup?period=day', 'Checkup');
  const { indices = [] } = await ask('/api/v1/indices', 'IndexList');
  for (const { id } of indices) {
    const path = `/api/v1/indices/${id}`;
    for (let i = 0; i < 60 && (await callApi(page, 'GET', path)).status === 202; i++) await page.waitForTimeout(500);
    await ask(path, 'IndexAnswer');
  }
  await ask('/api/v1/duty/coverage', 'DutyCoverage');
  const [lon, lat] = city.center;
  await ask(`/api/v1/duty/responsible?lon=${lon}&lat=${lat}`, 'Responsible');
  await ask('/api/v1/duty/responsible?kind=flooding', 'Responsible');
  await ask('/api/v1/duty/rules', 'DutyRules');
  await ask('/api/v1/duty/crews', 'CrewList');
  await ask('/api/v1/duty/roster?days=7', 'RosterPage');
  await ask('/api/v1/duty/on-duty', 'OnDuty');
  await ask('/api/v1/duty/gaps', 'RosterGaps');
  await ask('/api/v1/duty/changes', 'DutyChangeList');
  fake?.planning.make('water', 'user:li.wei');
  await planning(ask);
  await ask('/api/v1/moderation?state=all', 'ModerationPage');
  await ask('/api/v1/participation/comments?state=all', 'CommentModerationPage');
  await ask('/api/v1/participation/proposals?state=all', 'ProposalModerationPage');
  await ask('/api/v1/inspections?state=all', 'InspectionPage');
  for (const [path, list, schema] of [
    ['/api/v1/rounds', 'rounds', 'Round'],
    ['/api/v1/inspectors', 'inspectors', 'Inspector'],
  ]) {
    const { status, body } = await callApi(page, 'GET', path);
    const wrong = (body?.[list] ?? [])
      .map((each) => problem(`openapi#/components/schemas/${schema}`, each))
      .find(Boolean);
    checks.is(`GET ${path} is a list of ${schema}s`, status === 200 && !wrong, wrong || `status ${status}`);
  }
  const surveys = await ask('/api/v1/surveys', 'SurveyList');
  if (surveys.surveys?.[0]) {
    const survey = `/api/v1/surveys/${part(surveys.surveys[0].id)}`;
    await ask(`${survey}?by=week`, 'SurveyResults');
    await ask(`${survey}/cases`, 'CasePage');
    await ask(`${survey}/texts`, 'SurveyTextPage');
  }
  await ask('/api/v1/commands', 'CommandPage');
  await ask('/api/v1/devices', 'DevicePage');
  const feeds = await ask('/api/v1/feeds', 'FeedPage');
  if (feeds.feeds[0]) await ask(`/api/v1/feeds/${part(feeds.feeds[0].name)}/rejects`, 'RejectPage');
  const rules = await ask('/api/v1/rules', 'RulePage');
  if (rules.rules[0]) {
    await ask(`/api/v1/rules/${part(rules.rules[0].id)}`, 'RuleDetail');
  }
  await ask('/api/v1/operations', 'Operations');
  await ask('/public/v1/city', 'PublicCity');
  await ask('/public/v1/ground', 'PublicGround');
  await ask('/public/v1/services', 'ServiceList');
  const reports = await ask('/public/v1/reports?state=all&limit=20', 'PublicReportPage');
  if (reports.reports[0]) await ask(`/public/v1/reports/${reports.reports[0].code}`, 'PublicReportDetail');
  await ask('/public/v1/map?state=all', 'PublicMap');
  const { center } = (await callApi(page, 'GET', '/public/v1/city')).body;
  await ask(`/public/v1/nearby?lon=${center[0]}&lat=${center[1]}&radius_m=2000`, 'NearbyList');
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
  const now = Date.parse(city.clock.now);
  const period = { from: new Date(now - 3600_000).toISOString(), to: new Date(now).toISOString() };
  const test = await callApi(desk, 'POST', `/api/v1/rules/${part(rule.id)}/backtest`, period);
  const wrong =
    test.status === 200 ? problem('openapi#/components/schemas/Backtest', test.body) : `status ${test.status}`;
  checks.is('a backtest is a Backtest', wrong === '', wrong);
});
