import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` shows a server that already runs: CITYLOOP_URL, else the port of `./city demo`.
const server = process.env.CITYLOOP_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: {
      '/api': { target: server, ws: true },
      '/ngsi-ld': { target: server },
    },
  },
  build: {
    target: 'es2023',
    sourcemap: false,
    manifest: true, // vite.sw.config.ts reads from it what the field pages need
    chunkSizeWarningLimit: 1200,
  },
  test: {
    environment: 'jsdom',
    include: ['test/unit/**/*.test.{ts,tsx}'],
  },
});
