// A real city for one browser test: broker, server and devices of its own, on free ports.
//
//   startCity({ city, devices }) ─▶ { base, stack, close }
//
// Logs and data lie in build/run/browser-NAME and stay there when the test is over; the next run of it clears them.
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { endLeftovers, root, Stack } from '../../../tool/lib/stack.mjs';

// `city`: its folder, or what makes one in the folder given.
export async function startCity({ city = 'demo/district', devices = true } = {}) {
  const folder = join(root, 'build/run', `browser-${basename(process.argv[1], '.mjs')}`);
  await endLeftovers(folder);
  rmSync(folder, { recursive: true, force: true });
  const stack = new Stack(folder);
  const close = () => stack.stop();
  process.once('SIGTERM', () => close().then(() => process.exit(143)));
  try {
    await stack.startBroker();
    await stack.startServer({ city: typeof city === 'function' ? city(folder) : city });
    if (devices) stack.startSimulator();
  } catch (problem) {
    await close();
    throw problem;
  }
  return { base: stack.url, stack, fake: null, close };
}
