// All browser tests after one another; fails when one does.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const tests = ['contract', 'story', 'console', 'inbox', 'seats', 'desks', 'indicators', 'field', 'citizen'];
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const domain = here('../../../domain');
// Those of domain packages lie with them.
const ofPackages = (existsSync(domain) ? readdirSync(domain).sort() : [])
  .map((name) => `${domain}/${name}/web/test/browser`)
  .filter(existsSync)
  .flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^(?!.*(lib|shots)\.mjs$).*\.mjs$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
const files = [...tests.map((name) => here(`${name}.mjs`)), ...ofPackages];
let failed = 0;
for (const file of files) {
  console.log(`== ${file}`);
  if (spawnSync(process.execPath, [file], { stdio: 'inherit' }).status !== 0) failed += 1;
}
console.log(failed ? `${failed} of ${files.length} browser tests failed` : 'all browser tests passed');
process.exit(failed ? 1 : 0);
