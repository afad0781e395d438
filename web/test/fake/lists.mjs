// Lists of cases as the server gives them: what a person may see, narrowed, the most urgent first.
const grave = { extreme: 0, severe: 1, moderate: 2, minor: 3 };
// ISO texts of one form are in the order of their times.
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const byUrgency = (a, b) =>
  Number(b.overdue) - Number(a.overdue) ||
  grave[a.severity] - grave[b.severity] ||
  order(a.dueAt ?? '~', b.dueAt ?? '~') ||
  order(a.openedAt, b.openedAt) ||
  order(a.id, b.id);
const newest = (a, b) => order(b.closedAt ?? b.openedAt, a.closedAt ?? a.openedAt);

const plain = ['department', 'area', 'kind', 'category', 'severity', 'channel', 'holder', 'stage', 'rule', 'outcome'];

function says(item, words) {
  const all = [item.title.zh, item.title.en, item.aboutName, item.description, item.address, item.code, item.id]
    .join(' ')
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

export function maySee(item, session) {
  const { department } = session.user;
  if (session.permissions.includes('handle_case') || !department) return true;
  return item.department === department || item.tasks.some((task) => task.department === department);
}

// The same question about the same cases has the same answer.
const answers = new Map();

export function listCases(all, query, session, version) {
  const wish = new URLSearchParams(query);
  for (const name of ['limit', 'cursor', 'bbox', 'zoom']) wish.delete(name);
  const key = `${wish} ${session.user.id} ${version}`;
  if (!answers.has(key)) {
    if (answers.size > 50) answers.clear();
    answers.set(key, find(all, query, session));
  }
  return answers.get(key);
}

function find(all, query, session) {
  const state = query.get('state') || 'open';
  const list = all
    .filter((item) => maySee(item, session))
    .filter((item) => {
      const open = item.outcome === 'open';
      return state === 'all' || (state === 'open' ? open : state === 'closed' ? !open : item.state === state);
    })
    .filter((item) => plain.every((name) => !query.get(name) || item[name] === query.get(name)))
    .filter((item) =>
      ['overdue', 'supervised'].every((name) => !query.get(name) || String(!!item[name]) === query.get(name)),
    )
    .filter((item) => !query.get('requested') || item.requests.length > 0)
    .filter((item) => !query.get('similar') || item.similar.length > 0)
    .filter((item) => !query.get('assisting') || item.tasks.some((task) => task.department === query.get('assisting')))
    .filter((item) => !query.get('q') || says(item, query.get('q')));
  return list.sort(state === 'closed' || state === 'all' ? newest : byUrgency);
}

const worst = (a, b) => (grave[a] < grave[b] ? a : b);

// Each by itself while they are few, else counted in squares of the map.
export function mapOf(list, query, summaryOf) {
  const [west, south, east, north] = query.get('bbox').split(',').map(Number);
  const limit = Number(query.get('limit') ?? 500);
  const side = 360 / 2 ** (Number(query.get('zoom') ?? 12) + 2);
  const seen = list.filter(({ location }) => {
    if (location?.type !== 'Point') return false;
    const [lon, lat] = location.coordinates;
    return lon >= west && lon <= east && lat >= south && lat <= north;
  });
  if (seen.length <= limit) return { total: seen.length, cases: seen.map(summaryOf), clusters: [] };
  const squares = new Map();
  for (const item of seen) {
    const [lon, lat] = item.location.coordinates;
    const [x, y] = [Math.floor(lon / side), Math.floor(lat / side)];
    const key = `${x} ${y}`;
    const found = squares.get(key) ?? { lon: 0, lat: 0, cases: 0, open: 0, overdue: 0, severity: 'minor', x, y };
    squares.set(key, {
      ...found,
      lon: (found.lon * found.cases + lon) / (found.cases + 1),
      lat: (found.lat * found.cases + lat) / (found.cases + 1),
      cases: found.cases + 1,
      open: found.open + (item.outcome === 'open' ? 1 : 0),
      overdue: found.overdue + (item.overdue ? 1 : 0),
      severity: worst(found.severity, item.severity),
    });
  }
  const clusters = [...squares.values()].map(({ x, y, ...each }) => ({
    ...each,
    bbox: [x * side, y * side, (x + 1) * side, (y + 1) * side],
  }));
  return { total: seen.length, cases: [], clusters };
}
