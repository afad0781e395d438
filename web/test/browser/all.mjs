// All browser tests after one another; fails when one does.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// inbox, seats and field bring things about that a running server cannot be asked for: they use the stand-in.
const tests = ['contract', 'story', 'console', 'inbox', 'seats', 'field'];
let failed = 0;
for (const name of tests) {
  console.log(`== ${name}`);
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  if (spawnSync(process.execPath, [file], { stdio: 'inherit' }).status !== 0) failed += 1;
}
console.log(failed ? `${failed} of ${tests.length} browser tests failed` : 'all browser tests passed');
process.exit(failed ? 1 : 0);
