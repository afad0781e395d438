// Whether the console's packages are those of its lock file, and whether web/dist was built from the sources as they are.
//
//   node tool/lib/web_state.mjs installed | built | mark      exit 0: yes
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const marker = 'web/dist/.built-from';

function installed() {
  const read = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  const have = 'web/node_modules/.package-lock.json';
  if (!existsSync(have)) return false;
  const wanted = read('web/package-lock.json');
  const got = read(have);
  // What is optional may rightly be absent: packages for other systems.
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.peer || got[path]?.version === entry.version,
  );
}

function* filesUnder(path) {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return yield path;
  for (const name of readdirSync(path).sort()) yield* filesUnder(join(path, name));
}

// Pages of domain packages are built into the console.
const packagePages = () => (existsSync('domain') ? readdirSync('domain').sort().map((name) => join('domain', name, 'web')) : []);

function sources() {
  const hash = createHash('sha256');
  const roots = ['api', 'web/src', 'web/public', 'web/index.html', 'web/citizen.html', 'web/package-lock.json', 'web/package.json', 'web/tsconfig.json', 'web/vite.config.ts', 'web/vite.sw.config.ts', ...packagePages()];
  for (const root of roots) {
    for (const file of filesUnder(root)) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

const question = process.argv[2];
if (question === 'installed') process.exit(installed() ? 0 : 1);
if (question === 'built') process.exit(existsSync(marker) && readFileSync(marker, 'utf8') === sources() ? 0 : 1);
if (question === 'mark') writeFileSync(marker, sources());
