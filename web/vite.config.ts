import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import installed from './package.json' with { type: 'json' };

// `npm run dev` shows a server that already runs: CITYLOOP_URL, else the port of `./city demo`.
const server = process.env.CITYLOOP_URL ?? 'http://127.0.0.1:8080';

// As the server does it: the citizens' pages have an entry of their own.
const citizens: Plugin = {
  name: 'citizens',
  configureServer: ({ middlewares }) => {
    middlewares.use((request, _, next) => {
      if (/^\/(c|r)(\/|\?|$)/.test(request.url ?? '')) request.url = '/citizen.html';
      next();
    });
  },
};

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react(), citizens],
  // Pages of domain packages (domain/NAME/web) use the console's parts and what is installed here.
  resolve: {
    alias: { '@console': here('./src') },
    dedupe: [...Object.keys(installed.dependencies), ...Object.keys(installed.devDependencies)],
  },
  server: {
    fs: { allow: [here('..')] },
    proxy: {
      '/api': { target: server, ws: true },
      '/ngsi-ld': { target: server },
      '/public': { target: server },
      '/open311': { target: server },
    },
  },
  build: {
    outDir: process.env.CONSOLE_DIST ?? 'dist',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    manifest: true, // vite.sw.config.ts reads from it what the pages need
    chunkSizeWarningLimit: 1200,
    rollupOptions: { input: ['index.html', 'citizen.html'] },
  },
  test: {
    environment: 'jsdom',
    include: ['test/unit/**/*.test.{ts,tsx}', '../domain/*/web/test/**/*.test.{ts,tsx}'],
  },
});
