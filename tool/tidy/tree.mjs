// The files that the rules look at, read once.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stripped } from './cpp_text.mjs';

const neverOurs = /(^|\/)(node_modules|build|\.git|\.cache|dist|test-results)(\/|$)/;

function listByGit(root) {
  const top = spawnSync('git', ['-C', root, 'rev-parse', '--show-prefix'], { encoding: 'utf8' });
  if (top.status !== 0 || top.stdout.trim() !== '') return null;
  const listed = spawnSync('git', ['-C', root, 'ls-files', '-co', '--exclude-standard'], { encoding: 'utf8', maxBuffer: 64 << 20 });
  return listed.status === 0 ? listed.stdout.split('\n').filter(Boolean) : null;
}

function listByWalking(root, folder = '') {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = folder ? `${folder}/${name}` : name;
    if (neverOurs.test(path)) return [];
    return statSync(join(root, path)).isDirectory() ? listByWalking(root, path) : [path];
  });
}

export class Tree {
  constructor(root) {
    this.root = root;
    this.files = (listByGit(root) ?? listByWalking(root))
      .filter((f) => !neverOurs.test(f) && existsSync(join(root, f)))
      .sort();
    this.texts = new Map();
  }
  // Files below the folders (all when none are named) with one of the endings.
  select(endings, folders = ['']) {
    return this.files.filter((f) => endings.some((e) => f.endsWith(e)) && folders.some((d) => f.startsWith(d)));
  }
  text(file) {
    if (!this.texts.has(file)) this.texts.set(file, readFileSync(join(this.root, file), 'utf8'));
    return this.texts.get(file);
  }
  lines(file) {
    return this.text(file).split('\n');
  }
  // Without comments and with empty string literals; line numbers stay.
  code(file) {
    const key = `code:${file}`;
    if (!this.texts.has(key)) this.texts.set(key, stripped(this.text(file)));
    return this.texts.get(key);
  }
  // [{ line, path, system }] of a C++ file.
  includes(file) {
    const found = [];
    for (const [index, line] of this.lines(file).entries()) {
      const match = line.match(/^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)/);
      if (match) found.push({ line: index + 1, path: match[1] ?? match[2], system: match[2] !== undefined });
    }
    return found;
  }
  has(file) {
    return this.files.includes(file);
  }
  // The project's file that an include names, or null.
  resolve(path) {
    this.known ??= new Set(this.files);
    return [`src/${path}`, path].find((f) => this.known.has(f)) ?? null;
  }
  // The file and every project file that it includes, directly or not.
  closure(file) {
    const seen = new Set([file]);
    const open = [file];
    while (open.length) {
      for (const { path } of this.includes(open.pop())) {
        const next = this.resolve(path);
        if (next && !seen.has(next)) seen.add(next) && open.push(next);
      }
    }
    return [...seen].sort();
  }
}
