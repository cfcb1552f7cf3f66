// SPDX-License-Identifier: MIT
/** The module that others import: few files, which need no bundler. */
import { copyFileSync } from 'node:fs';
import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    lib: {
      entry: { microgpt: 'src/module/microgpt.ts', worker: 'src/module/worker.ts', wasm: 'src/module/wasm.ts' },
      formats: ['es'],
    },
  },
  plugins: [
    {
      name: 'wasm',
      closeBundle() {
        for (const name of ['microgpt-fused.wasm', 'microgpt-compatible.wasm']) copyFileSync(`../build/web/${name}`, `dist/${name}`);
      },
    },
  ],
});
