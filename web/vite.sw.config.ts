// Builds the service worker, after the pages: it must know by name the pieces that they need. And packs all that was
// built, so that a phone on a slow line fetches a third of it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

// CONSOLE_DIST names another folder to build into, and to run from, than the one beside this file.
const dist = process.env.CONSOLE_DIST ?? fileURLToPath(new URL('./dist', import.meta.url));

interface Piece {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
  assets?: string[];
}
const manifest: Record<string, Piece> = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

// Everything that these load, whether at once or when first used.
function piecesOf(wanted: (name: string) => boolean): string[] {
  const files = new Set<string>();
  const seen = new Set<string>();
  const take = (name: string) => {
    const piece = manifest[name];
    if (!piece || seen.has(name)) return;
    seen.add(name);
    for (const file of [piece.file, ...(piece.css ?? []), ...(piece.assets ?? [])]) files.add(`/${file}`);
    for (const next of piece.imports ?? []) take(next);
  };
  for (const name of Object.keys(manifest)) if (wanted(name)) take(name);
  return [...files].sort();
}

// The citizens' map is large: it is kept once it was looked at (sw.ts).
const pieces = {
  field: [...piecesOf((name) => name === 'index.html' || name.startsWith('src/field/')), '/favicon.svg'],
  citizen: [
    ...piecesOf(
      (name) => name === 'citizen.html' || (name.startsWith('src/citizen/') && !name.startsWith('src/citizen/map/')),
    ),
    '/favicon.svg',
  ],
};

// FILE.br and FILE.gz beside every text (src/serve/static_files.h hands them out).
function packAll(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.(html|js|mjs|css|svg|json|webmanifest)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    if (bytes.length < 1024) continue;
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
}
const packing: Plugin = { name: 'packing', closeBundle: () => packAll(dist) };

export default defineConfig({
  publicDir: false,
  plugins: [packing],
  define: {
    __PIECES__: JSON.stringify(pieces),
    __VERSION__: JSON.stringify(createHash('sha256').update(JSON.stringify(pieces)).digest('hex').slice(0, 12)),
  },
  build: {
    target: 'es2023',
    outDir: dist,
    emptyOutDir: false,
    rollupOptions: {
      input: 'src/offline/sw.ts',
      output: { entryFileNames: 'sw.js', format: 'iife', codeSplitting: false },
    },
  },
});
