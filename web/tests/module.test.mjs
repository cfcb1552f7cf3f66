// SPDX-License-Identifier: MIT
/** The module that others import, in a page of nothing else: the native program's bits, cancelling, what is refused. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { serve } from '../serve.mjs';
import { openBrowser } from './browser.mjs';
import { inFolder, root, run, trainedHash } from './native.mjs';

const names = join(root, 'data/names.txt');
const few = readFileSync(names, 'utf8').split('\n').slice(0, 40).join('\n') + '\n';
const prose = readFileSync(join(root, 'docs/loss.md'), 'utf8');

let server, browser, page;

before(async () => {
  server = await serve({ module: join(root, 'web/dist'), data: join(root, 'data') });
  browser = await openBrowser();
  page = await browser.context.newPage();
  await page.route('**/module/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>-</title><script type="module">import * as microgpt from "./microgpt.js"; window.microgpt = microgpt;</script>' }));
  await page.goto(`${server.url}/module/`);
  await page.waitForFunction('window.microgpt');
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** Trains in the page; the SHA-256 of the parameters' file and whether the faster module did it. */
function trainInPage(corpus, settings, { kind = 'lines', forceCompatible = false } = {}) {
  return page.evaluate(
    async ({ corpus, settings, kind, forceCompatible }) => {
      const model = await microgpt.train(corpus, { settings, kind, forceCompatible });
      const found = { sha256: model.description.sha256, isFused: await model.engine.isFused, memory: model.engine.memory };
      model.terminate();
      return found;
    },
    { corpus, settings, kind, forceCompatible },
  );
}

// Each with what else it must have the bits of.
const configurations = {
  'the usual settings of many names, with n-gram and mixture': [readFileSync(names, 'utf8'), { num_steps: 60 }],
  '8,000 steps on few names, which are learned by heart': [few, { num_steps: 8000, n_embd: 16, batch_size: 4, held_out: 0 }],
  'windows of a running text': [prose, { num_steps: 80, n_embd: 32, block_size: 64, batch_size: 4 }, 'text'],
  'Adam, two layers, dropout and another activation': [few,
    { num_steps: 150, n_embd: 48, n_layer: 2, optimizer: 'adam', dropout: 0.1, activation: 'relu2', batch_size: 8 }],
  'the shape of microgpt.py': [few, { num_steps: 300, n_embd: 16, block_size: 16, batch_size: 1, held_out: 0 }],
};

for (const forceCompatible of [false, true])
  for (const [name, [corpus, settings, kind = 'lines']] of Object.entries(configurations))
    test(`${name}: native bits${forceCompatible ? ', without relaxed SIMD' : ''}`, async () => {
      // It takes fifteen times as long there.
      const taken = forceCompatible && settings.num_steps < 1000 ? { ...settings, num_steps: settings.num_steps / 5 } : settings;
      const found = await trainInPage(corpus, taken, { kind, forceCompatible });
      if (forceCompatible) assert.equal(found.isFused, false);
      const expected = await inFolder((folder) => {
        const file = join(folder, 'corpus.txt');
        writeFileSync(file, corpus);
        return trainedHash(file, taken, kind === 'text' ? ['--split', 'text'] : []);
      });
      assert.equal(found.sha256, expected);
      assert.ok(found.memory < 64e6, `${found.memory} bytes of memory`);
    });

test('a model goes from the program to the page and back', () =>
  inFolder(async (folder) => {
    const [corpus, first, second] = ['corpus.txt', 'first', 'second'].map((name) => join(folder, name));
    writeFileSync(corpus, few);
    run(['train', corpus, '-o', first, '--num-steps', '50', '--n-embd', '16', '--quiet', '--num-samples', '0']);
    const files = ['config.json', 'tokenizer.json', 'model.safetensors', 'ngram.bin', 'mixture.json', 'held_out.json', 'train_state.json'];
    const given = files.map((name) => ({ name, bytes: [...readFileSync(join(first, name))] }));
    const back = await page.evaluate(async (given) => {
      const model = await microgpt.open(given.map(({ name, bytes }) => ({ name, bytes: Uint8Array.from(bytes) })));
      const { lines } = await model.score('emma\nxqzw');
      const saved = (await model.save()).map(({ name, bytes }) => ({ name, bytes: [...bytes] }));
      model.terminate();
      return { saved, bits: lines.map((line) => line.bits), p: lines.map((line) => line.p_value) };
    }, given);
    mkdirSync(second);
    for (const { name, bytes } of back.saved) writeFileSync(join(second, name), Uint8Array.from(bytes));
    for (const name of files) assert.deepEqual(readFileSync(join(second, name)), readFileSync(join(first, name)), name);
    const scored = run(['score', second, '--format', 'jsonl', '--per', 'p_value'], { input: 'emma\nxqzw\n', stdio: 'pipe' })
      .trim().split('\n').map((line) => JSON.parse(line));
    scored.forEach((line, i) => {
      assert.ok(Math.abs(line.bits - back.bits[i]) < 1e-9 * line.bits, `${line.bits} bits, and on the page ${back.bits[i]}`);
      assert.ok(Math.abs(line.p_value - back.p[i]) < 1e-12);
    });
  }));

test('a replay of microgpt.py has losses that differ from the native ones in the last digits at most', async () => {
  const exact = await page.evaluate(async (text) => {
    const engine = new microgpt.Engine();
    await engine.call('begin_reference', { steps: 20, bytes: microgpt.bytesOf(text) });
    const { losses } = await engine.call('replay', {});
    engine.terminate();
    return losses;
  }, few);
  const native = await inFolder((folder) => {
    writeFileSync(join(folder, 'corpus.txt'), few);
    return run(['reference', '--corpus', join(folder, 'corpus.txt'), '--num-steps', '20', '--num-samples', '0']).match(/loss [\d.]+/g);
  });
  assert.deepEqual(exact.map((loss) => `loss ${loss.toFixed(4)}`), native);
});

test('training is cancelled by its signal', async () => {
  const name = await page.evaluate(async (text) => {
    const controller = new AbortController();
    try {
      await microgpt.train(text, { settings: { num_steps: 100000 }, signal: controller.signal, onProgress: () => controller.abort() });
      return 'trained to the end';
    } catch (error) {
      return error.name;
    }
  }, few);
  assert.equal(name, 'AbortError');
});

test('what is refused is said in a sentence', async () => {
  const messages = await page.evaluate(async (few) => {
    const say = async (work) => {
      try {
        return await work();
      } catch (error) {
        return `${error.name} ${error.kind}: ${error.message}`;
      }
    };
    return [
      await say(() => microgpt.train('')),
      await say(() => microgpt.train(new Uint8Array([0x61, 0xff, 0x0a]))),
      await say(() => microgpt.train(new Uint8Array([0x1f, 0x8b, 8, 0, 0]))),
      await say(() => microgpt.train(few, { settings: { n_embd: 10000, num_steps: 1 } })),
      await say(() => microgpt.train(few, { settings: { learning_rat: 1 } })),
      await say(() => microgpt.open([{ name: 'config.json', bytes: new Uint8Array(3) }])),
    ];
  }, few);
  const expected = [/no line|no document|blank/, /UTF-8/, /gzip/, /memory|n_embd/, /learning_rat/, /config\.json/];
  messages.forEach((message, i) => {
    assert.match(message, /^MicrogptError (error|setting|memory): /);
    assert.match(message, expected[i]);
  });
});
