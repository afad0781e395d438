// What domain packages add to the stand-in: domain/NAME/web/test/fake.mjs with makePackage(), where there is one.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const domain = fileURLToPath(new URL('../../../domain', import.meta.url));
const files = (existsSync(domain) ? readdirSync(domain).sort() : [])
  .map((name) => `${domain}/${name}/web/test/fake.mjs`)
  .filter(existsSync);
const makers = await Promise.all(files.map((file) => import(pathToFileURL(file).href)));

// By name: { name, answer(method, rest of the path, query, body, session) }, and where it has them: people, show(rest of the
// path, query) for what everybody may read.
export const makePackages = (world) =>
  new Map(makers.map(({ makePackage }) => makePackage(world)).map((made) => [made.name, made]));
