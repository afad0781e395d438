// Builds the service worker, after the console: it must know by name the pieces that the field pages need.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

interface Piece {
  file: string;
  imports?: string[];
  css?: string[];
  assets?: string[];
}

// Everything that the entry and the field pages load, whether at once or when first used.
function piecesOf(manifest: Record<string, Piece>): string[] {
  const files = new Set<string>();
  const seen = new Set<string>();
  const take = (name: string) => {
    const piece = manifest[name];
    if (!piece || seen.has(name)) return;
    seen.add(name);
    for (const file of [piece.file, ...(piece.css ?? []), ...(piece.assets ?? [])]) files.add(`/${file}`);
    for (const next of piece.imports ?? []) take(next);
  };
  for (const name of Object.keys(manifest)) if (name === 'index.html' || name.startsWith('src/field/')) take(name);
  return [...files].sort();
}

const manifest = JSON.parse(readFileSync(new URL('./dist/.vite/manifest.json', import.meta.url), 'utf8'));
const precache = piecesOf(manifest);

export default defineConfig({
  publicDir: false,
  define: {
    __PRECACHE__: JSON.stringify([...precache, '/favicon.svg']),
    __VERSION__: JSON.stringify(createHash('sha256').update(precache.join()).digest('hex').slice(0, 12)),
  },
  build: {
    target: 'es2023',
    emptyOutDir: false,
    rollupOptions: {
      input: 'src/offline/sw.ts',
      output: { entryFileNames: 'sw.js', format: 'iife', codeSplitting: false },
    },
  },
});
