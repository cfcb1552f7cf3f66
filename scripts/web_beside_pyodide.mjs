#!/usr/bin/env node
// SPDX-License-Identifier: MIT
/**
 * Whether `reference` in a web page gives, bit for bit, what CPython gives in the same browser: Pyodide runs tests/oracle/oracle.py,
 * which does each operation of microgpt.py in its order, and both have musl's mathematics.
 *
 *     node scripts/web_beside_pyodide.mjs [STEPS]      # 100; after ./run web has built the page
 *
 * Installs Pyodide from npm in a folder of its own, which is gone afterwards, and opens both in Debian's Chromium. Prints how many
 * losses and parameters were compared, and fails where one differs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { serve } from '../web/serve.mjs';
import { openBrowser } from '../web/tests/browser.mjs';
import { root } from '../web/tests/native.mjs';

const version = '314.0.7';
const steps = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(join(tmpdir(), 'microgpt-pyodide-'));
let browser, server;
try {
  writeFileSync(join(folder, 'package.json'), '{}');
  execFileSync('npm', ['install', '--silent', `pyodide@${version}`], { cwd: folder, stdio: 'inherit' });
  server = await serve({
    module: join(root, 'web/dist'),
    pyodide: join(folder, 'node_modules/pyodide'),
    data: join(root, 'data'),
    oracle: join(root, 'tests/oracle'),
  });
  browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.route('**/module/', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>-</title>' }));
  await page.goto(`${server.url}/module/`);
  const found = await page.evaluate(async (steps) => {
    const { loadPyodide } = await import('/pyodide/pyodide.mjs');
    const python = await loadPyodide();
    const names = new Uint8Array(await (await fetch('/data/names.txt')).arrayBuffer());
    python.FS.writeFile('/names.txt', names);
    python.FS.writeFile('/oracle.py', await (await fetch('/oracle/oracle.py')).text());
    python.runPython(`
import runpy, sys
sys.argv = ["oracle.py", "--corpus", "/names.txt", "--num-steps", "${steps}", "--num-samples", "0", "--trace", "/losses", "--params", "/parameters"]
sys.stdout = open("/output", "w")
runpy.run_path("/oracle.py", run_name="__main__")
`);
    const lines = (text) => text.trim().split('\n');
    const { Engine } = await import('/module/microgpt.js');
    const engine = new Engine();
    await engine.call('begin_reference', { steps, bytes: names });
    const replay = await engine.call('replay', { with_parameters: true });
    engine.terminate();
    return {
      python: python.version,
      losses: [lines(python.FS.readFile('/losses', { encoding: 'utf8' })), replay.exact],
      parameters: [lines(python.FS.readFile('/parameters', { encoding: 'utf8' })), lines(new TextDecoder().decode(replay.bytes))],
    };
  }, steps);
  for (const name of ['losses', 'parameters']) {
    const [expected, actual] = found[name];
    const differ = expected.filter((value, i) => value !== actual[i]).length + Math.abs(expected.length - actual.length);
    console.log(`${name}: ${expected.length} compared with Pyodide ${found.python}, ${differ} differ`);
    if (differ > 0 || expected.length === 0) process.exitCode = 1;
  }
} finally {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
}
