import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Nothing is inlined: the policy of the page allows no data: but images, and no script without a file.
export default defineConfig({
  plugins: [react()],
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, sourcemap: false },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/health': 'http://127.0.0.1:8080' } },
});
