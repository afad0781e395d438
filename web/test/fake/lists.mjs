// Lists of cases as the server gives them: what a person may see, narrowed, the most urgent first.
const grave = { extreme: 0, severe: 1, moderate: 2, minor: 3 };
const due = (item) => (item.dueAt ? Date.parse(item.dueAt) : Number.MAX_SAFE_INTEGER);

const byUrgency = (a, b) =>
  Number(b.overdue) - Number(a.overdue) ||
  grave[a.severity] - grave[b.severity] ||
  due(a) - due(b) ||
  a.openedAt.localeCompare(b.openedAt) ||
  a.id.localeCompare(b.id);
const newest = (a, b) => (b.closedAt ?? b.openedAt).localeCompare(a.closedAt ?? a.openedAt);

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

export function listCases(all, query, session) {
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
    .filter((item) => !query.get('q') || says(item, query.get('q')));
  return list.sort(state === 'closed' || state === 'all' ? newest : byUrgency);
}
