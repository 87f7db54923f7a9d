import { defineConfig } from 'vite';

// `npm run dev` serves the portal with live reload; the server that it speaks to runs beside it.
const server = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  build: {
    outDir: 'target/portal',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': server, '/metrics': server, '/openapi.json': server, '/health': server },
  },
});
