// SPDX-License-Identifier: MIT
import { defineConfig } from 'vite';

export default defineConfig({
  base: './', // any folder of any server
  build: { outDir: '../build/web/page', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  worker: { format: 'es' },
});
