// SPDX-License-Identifier: MIT
/** The native program, which pages are compared with: MICROGPT names it, or else it is the one of build/release. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const program = process.env.MICROGPT ?? join(root, 'build/release/microgpt');

/** Settings as flags of the command line. */
export function flagsOf(settings) {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, String(value)]);
}

export function run(args, options = {}) {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26, ...options });
}

/** Calls use(FOLDER) with a new folder, which is gone afterwards. */
export async function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'microgpt-web-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Trains natively; the SHA-256 of the parameters' file. */
export function trainedHash(corpus, settings, flags = [], environment = {}) {
  return inFolder((folder) => {
    const args = ['train', corpus, '-o', join(folder, 'model'), '--num-samples', '0', '--quiet', ...flagsOf(settings), ...flags];
    run(args, { env: { ...process.env, ...environment } });
    return createHash('sha256').update(readFileSync(join(folder, 'model/model.safetensors'))).digest('hex');
  });
}
