#!/usr/bin/env node
// SPDX-License-Identifier: MIT
/**
 * How fast the page's engine is beside the native program, and how large it is.
 *
 *     node bench/web.mjs [--rounds N] [--corpus FILE]     # build/release/microgpt and ./run web's build
 *
 * In turns, N [5] times: the program on one thread with AVX2, the module with relaxed SIMD in Debian's Chromium, and the one for
 * all browsers. Steps a second without validation at width 32, batch 32, one layer, of both optimizers; the parameters' hashes are
 * compared first. Then 1000 exact steps of microgpt.py's model, the memory of a run on the corpus [the names], the longest tasks of
 * the page's main thread while it trains on the names, of those from 50 ms on, and gzipped sizes.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

import { serve } from '../web/serve.mjs';
import { openBrowser } from '../web/tests/browser.mjs';
import { flagsOf, inFolder, root, run, trainedHash } from '../web/tests/native.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, corpus: { type: 'string', default: join(root, 'data/names.txt') } } });
const corpus = readFileSync(values.corpus, 'utf8');
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const avx2 = { MICROGPT_TARGET: 'avx2' };

const server = await serve({ module: join(root, 'web/dist') });
const browser = await openBrowser();
const page = await browser.context.newPage();
await page.route('**/module/', (route) =>
  route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>-</title><script type="module">import * as microgpt from "./microgpt.js"; window.microgpt = microgpt;</script>' }));
await page.goto(`${server.url}/module/`);
await page.waitForFunction('window.microgpt');

/** Steps a second between validations, the parameters' hash and the memory, in bytes. */
const inPage = (settings, forceCompatible) =>
  page.evaluate(
    async ({ corpus, settings, forceCompatible }) => {
      const engine = new microgpt.Engine({ forceCompatible });
      await engine.call('corpus', { bytes: microgpt.bytesOf(corpus) });
      await engine.call('begin', { settings });
      let seconds = 0;
      for (let isFinished = false; !isFinished; ) {
        const begin = performance.now();
        const slice = await engine.call('train', { milliseconds: 1e9 });
        seconds += (performance.now() - begin) / 1e3;
        isFinished = slice.is_finished;
      }
      const { sha256 } = await engine.call('finish', {});
      const found = { rate: settings.num_steps / seconds, sha256, memory: engine.memory, isFused: await engine.isFused };
      engine.terminate();
      return found;
    },
    { corpus, settings, forceCompatible },
  );

/** Steps a second of the program, as it says them. */
const natively = (settings) =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'corpus'), corpus);
    const args = ['train', join(folder, 'corpus'), '-o', join(folder, 'model'), '--threads', '1', '--num-samples', '0', ...flagsOf(settings)];
    run([...args, '--quiet'], { env: { ...process.env, ...avx2 } });
    const log = readFileSync(join(folder, 'model/log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    return settings.num_steps / log.at(-1).seconds;
  });

for (const optimizer of ['muon', 'adam']) {
  // Nothing is held out: no validation is timed. The program's own seconds are those of its steps.
  const settings = { n_embd: 32, batch_size: 32, n_layer: 1, held_out: 0, optimizer, num_steps: 2000 };
  const few = { ...settings, num_steps: 100 };
  const expected = await trainedHash(values.corpus, few, ['--threads', '1'], avx2);
  for (const forceCompatible of [false, true])
    if ((await inPage(few, forceCompatible)).sha256 !== expected) throw new Error(`${optimizer}: the parameters differ`);
  const ratios = { fused: [], compatible: [] };
  const rates = { native: [], fused: [], compatible: [] };
  for (let round = 0; round < Number(values.rounds); ++round) {
    const native = await natively(settings);
    const fused = await inPage(settings, false);
    const compatible = await inPage({ ...settings, num_steps: 200 }, true);
    rates.native.push(native);
    rates.fused.push(fused.rate);
    rates.compatible.push(compatible.rate);
    ratios.fused.push(fused.rate / native);
    ratios.compatible.push(compatible.rate / native);
  }
  const shown = (name) => `${Math.round(median(rates[name]))}`;
  console.log(`${optimizer}: steps a second: native AVX2 ${shown('native')}, page ${shown('fused')} (${median(ratios.fused).toFixed(3)} of it), ` +
    `without relaxed SIMD ${shown('compatible')} (${median(ratios.compatible).toFixed(3)})`);
}

const exact = await page.evaluate(async (corpus) => {
  const engine = new microgpt.Engine();
  await engine.call('begin_reference', { bytes: microgpt.bytesOf(corpus) });
  const begin = performance.now();
  await engine.call('replay', {});
  const seconds = (performance.now() - begin) / 1e3;
  engine.terminate();
  return seconds;
}, corpus);
console.log(`1000 exact steps: ${exact.toFixed(3)} s`);

const small = await inPage({ n_embd: 16, batch_size: 1, n_layer: 1, held_out: 0, num_steps: 1000, optimizer: 'adam', ngram_share: 0 }, false);
console.log(`1000 steps of microgpt.py's model: ${(1000 / small.rate).toFixed(3)} s`);
const usual = await inPage({ num_steps: 200 }, false);
console.log(`memory of a run on ${values.corpus.split('/').at(-1)}: ${(usual.memory / 1e6).toFixed(1)} MB`);

const visited = await serve({ '': join(root, 'build/web/page') });
const visitor = await browser.context.newPage();
await visitor.addInitScript(() => {
  window.longTasks = [];
  const observer = new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((each) => each.duration)));
  observer.observe({ type: 'longtask', buffered: true });
});
await visitor.goto(`${visited.url}/?list=names&num_steps=300&n_embd=32&train=1`);
await visitor.waitForFunction(() => window.microgpt?.session.phase === 'running', null, { timeout: 60_000 });
await visitor.evaluate(() => { window.longTasks.length = 0; });
await visitor.waitForFunction(() => window.microgpt.session.phase === 'ready', null, { timeout: 120_000 });
const long = await visitor.evaluate(() => window.longTasks);
console.log(`tasks of 50 ms and more on the main thread while it trains: ${long.length > 0 ? long.join(', ') : 'none'}`);
visited.close();

const filesOf = (folder) => readdirSync(folder, { withFileTypes: true, recursive: true }).filter((each) => each.isFile()).map((each) => join(each.parentPath ?? each.path, each.name));
let total = 0;
for (const file of filesOf(join(root, 'build/web/page'))) {
  if (/compatible|names/.test(file)) continue; // only one module is loaded, and the names where they are asked for
  const size = gzipSync(readFileSync(file), { level: 9 }).length;
  total += size;
  console.log(`${file.slice(root.length)}: ${statSync(file).size} bytes, ${size} gzipped`);
}
console.log(`together: ${(total / 1000).toFixed(1)} kB gzipped`);

await browser.close();
server.close();
