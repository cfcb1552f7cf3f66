// SPDX-License-Identifier: MIT
import { defineConfig } from 'vite';

import { page } from './page_plugin.ts';

export default defineConfig({
  base: './', // any folder of any server
  plugins: [page()],
  build: { outDir: '../build/web/page', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: 'es' },
});
