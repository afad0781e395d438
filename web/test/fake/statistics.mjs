// The stand-in's counts: the same words as the server's, over the stand-in's cases.
const within = (at, wish) => at && Date.parse(at) >= wish.from && Date.parse(at) < wish.to;

const moves = (item) =>
  item.timeline
    .map((line, i) => ({ line, before: item.timeline.slice(0, i).findLast(() => true) }))
    .filter(({ line, before }) => before && before.to !== line.to);

const isPerson = (line) => line.by.startsWith('user:');

const counts = {
  open: (item) => item.outcome === 'open',
  overdue: (item) => item.outcome === 'open' && item.overdue,
  supervised: (item) => item.outcome === 'open' && !!item.supervised,
  waiting: (item) => item.outcome === 'open' && item.requests.length > 0,
  opened: (item, wish) => within(item.openedAt, wish),
  closed: (item, wish) => within(item.closedAt, wish),
  late: (item, wish) => within(item.closedAt, wish) && item.closedAt > item.dueAt,
  returned: (item, wish) =>
    moves(item).some(({ line }) => line.verb === 'return' && isPerson(line) && within(line.at, wish)),
  reworked: (item, wish) =>
    moves(item).some(({ line }) => line.verb === 'verify' && line.to === 'working' && within(line.at, wish)),
  falseAlarm: (item, wish) => within(item.closedAt, wish) && item.outcome === 'false_alarm',
};

export function wishOf(query) {
  const to = Date.parse(query.get('to') ?? new Date().toISOString());
  const from = Date.parse(query.get('from') ?? new Date(to - 7 * 86400_000).toISOString());
  return { from, to, by: query.get('by') || 'department', query };
}

const wanted = (item, { query }) =>
  ['department', 'area', 'category', 'kind'].every((name) => !query.get(name) || item[name] === query.get(name));
const keyOf = (item, wish) => item[wish.by] ?? '';

function stepsOf(cases, wish) {
  const spans = new Map();
  for (const item of cases)
    for (const { line, before } of moves(item)) {
      if (!within(line.at, wish)) continue;
      if (!spans.has(before.to)) spans.set(before.to, []);
      spans.get(before.to).push((Date.parse(line.at) - Date.parse(before.at)) / 1000);
    }
  const share = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return [...spans].map(([state, values]) => {
    const sorted = values.sort((a, b) => a - b);
    return { state, count: sorted.length, medianS: share(sorted, 0.5), p90S: share(sorted, 0.9) };
  });
}

function countsOf(cases, wish) {
  const rated = cases.filter((item) => item.rating > 0 && within(item.closedAt, wish));
  return {
    ...Object.fromEntries(
      Object.entries(counts).map(([name, such]) => [name, cases.filter((item) => such(item, wish)).length]),
    ),
    rated: rated.length,
    ratingMean: rated.length ? rated.reduce((sum, item) => sum + item.rating, 0) / rated.length : null,
    steps: stepsOf(cases, wish),
  };
}

export function statistics(cases, query) {
  const wish = wishOf(query);
  const mine = cases.filter((item) => wanted(item, wish));
  const groups = new Map();
  for (const item of mine) groups.set(keyOf(item, wish), [...(groups.get(keyOf(item, wish)) ?? []), item]);
  return {
    from: new Date(wish.from).toISOString(),
    to: new Date(wish.to).toISOString(),
    by: wish.by,
    total: countsOf(mine, wish),
    groups: [...groups].map(([key, list]) => ({ key, ...countsOf(list, wish) })),
  };
}

export function behind(cases, measure, query) {
  const wish = wishOf(query);
  const such = counts[measure];
  if (!such) return null;
  const key = query.get('key');
  return cases
    .filter((item) => wanted(item, wish) && such(item, wish) && (key === null || keyOf(item, wish) === key))
    .sort((a, b) => b.openedAt.localeCompare(a.openedAt));
}
