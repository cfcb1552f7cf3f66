// SPDX-License-Identifier: MIT
/** The page in a browser: what a visitor does, with good input and bad, with the program beside it, offline, and by axe's rules. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { serve } from '../serve.mjs';
import { openBrowser } from './browser.mjs';
import { inFolder, root, run, trainedHash } from './native.mjs';

const names = join(root, 'data/names.txt');
const lines = readFileSync(names, 'utf8').split('\n').slice(0, 300).join('\n') + '\n';
const axe = readFileSync(join(root, 'web/node_modules/axe-core/axe.min.js'), 'utf8');
const views = ['list', 'loss', 'lesson', 'use', 'proof'];

let server, browser, page, url;

before(async () => {
  server = await serve({ '': join(root, 'build/web/page') });
  browser = await openBrowser({ viewport: { width: 1200, height: 1000 }, acceptDownloads: true });
  browser.context.setDefaultTimeout(120_000);
  page = await browser.context.newPage();
  url = `${server.url}/`;
});

after(async () => {
  await browser?.close();
  server?.close();
});

const phase = (wanted) => page.waitForFunction((phase) => window.microgpt?.session.phase === phase, wanted);
const show = (view) => page.evaluate((view) => { location.hash = `#${view}`; }, view);
const textOf = async (selector) => {
  await page.waitForFunction((selector) => document.querySelector(selector)?.textContent, selector);
  return page.textContent(selector);
};
const forget = (selector) => page.evaluate((selector) => document.querySelector(selector).replaceChildren(), selector);

for (const compatible of ['', '&compatible=1'])
  test(`a run of the names has the native hash${compatible && ', without relaxed SIMD'}`, async () => {
    const settings = { num_steps: compatible ? 20 : 100, n_embd: 32, seed: 1 };
    await page.goto(`${url}?list=names&num_steps=${settings.num_steps}&n_embd=32&seed=1&train=1${compatible}`);
    await phase('ready');
    assert.equal(await textOf('#hash'), await trainedHash(names, settings));
    assert.match(await textOf('#command'), /^microgpt train \S+ -o \S+ .*--n-embd 32/);
  });

test('pausing, single steps, going on and stopping', async () => {
  await page.goto(`${url}?list=elements&num_steps=100000&n_embd=32&train=1`);
  await phase('running');
  await page.waitForFunction(() => window.microgpt.session.run.step > 0);
  await page.click('#pause');
  await phase('paused');
  await page.waitForFunction(() => window.microgpt.session.pending === 0); // the slice that was under way
  const before = await page.evaluate(() => window.microgpt.session.run.step);
  await page.click('#step');
  await page.waitForFunction((before) => window.microgpt.session.run.step === before + 1, before);
  await page.click('#go-on');
  await page.waitForFunction((before) => window.microgpt.session.run.step > before + 1, before);
  await page.click('#stop');
  await phase('ready');
});

test('the loss is laid open, and characters can be walked through by the keyboard', async () => {
  await page.goto(`${url}?list=elements&num_steps=60&train=1#loss`);
  await phase('ready');
  await page.fill('#explain-text', 'helium');
  await page.waitForFunction(() => document.querySelectorAll('#cells .cell').length === 7);
  const expected = await page.evaluate(async () => {
    const { positions, loss_mean } = await window.microgpt.session.call('explain', { text: 'helium' });
    return { positions: positions.map(({ probability }) => probability), mean: loss_mean };
  });
  const product = expected.positions.reduce((sum, probability) => sum - Math.log(probability), 0) / 7;
  assert.ok(Math.abs(product - expected.mean) < 1e-9);
  assert.ok((await textOf('#worked')).includes(expected.mean.toFixed(2)), 'the mean is shown');
  await page.focus('#cells [tabindex="0"]');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.index), '1');
});

test('a model is downloaded, opened by the program, and opened again', () =>
  inFolder(async (folder) => {
    await page.goto(`${url}?list=elements&num_steps=60&n_embd=16&train=1#proof`);
    await phase('ready');
    const hash = await textOf('#hash');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download-model')]);
    const zip = join(folder, 'model.zip');
    await download.saveAs(zip);
    execFileSync('python3', ['-m', 'zipfile', '-e', zip, folder]);
    const model = execFileSync('find', [folder, '-name', 'config.json'], { encoding: 'utf8' }).trim().replace('/config.json', '');
    assert.match(run(['info', model]), /16/);
    await page.goto(`${url}#use`);
    await page.setInputFiles('#open-files', zip);
    await phase('ready');
    assert.equal(await textOf('#hash'), hash);
    await page.fill('#score-text', 'helium\nxqqzx');
    await page.click('#score-run');
    await page.waitForFunction(() => document.querySelectorAll('#scored tbody tr').length === 2);
    const shown = await page.evaluate(async () => {
      const bytes = new TextEncoder().encode('helium\nxqqzx\n');
      return (await window.microgpt.session.call('score', { bytes })).lines.map((line) => line.bits);
    });
    const native = run(['score', model, '--format', 'jsonl', '--per', 'document'], { input: 'helium\nxqqzx\n', stdio: 'pipe' })
      .trim().split('\n').map((line) => JSON.parse(line).bits);
    native.forEach((bits, i) => assert.ok(Math.abs(bits - shown[i]) < 1e-9 * bits, `${bits} and ${shown[i]}`));
    const damaged = Buffer.from(readFileSync(zip));
    damaged[500] ^= 255;
    await page.setInputFiles('#open-files', { name: 'model.zip', mimeType: 'application/zip', buffer: damaged });
    assert.match(await textOf('#open-error'), /\w{4}/);
    assert.equal(await textOf('#hash'), hash, 'the model is kept');
    await forget('#open-error');
    await page.setInputFiles('#open-files', { name: 'config.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
    assert.match(await textOf('#open-error'), /config\.json/);
  }));

test('a view works as soon as it is shown, however busy the browser is', async () => {
  const busy = await browser.context.newPage();
  try {
    await busy.addInitScript(() => { window.requestIdleCallback = () => 0; }); // never idle
    await busy.goto(`${url}#use`);
    await busy.setInputFiles('#open-files', { name: 'config.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
    await busy.waitForFunction(() => /config\.json/.test(document.querySelector('#open-error').textContent));
    await busy.click('nav a[href="#lesson"]');
    await busy.waitForFunction(() => [...document.querySelectorAll('.figure')].every((figure) => figure.firstElementChild));
    await busy.click('nav a[href="#proof"]');
    await busy.waitForFunction(() => document.querySelector('#about').textContent);
  } finally {
    await busy.close();
  }
});

// What is refused, and a word of what is said about it.
const refused = {
  'an empty list': ['', /./],
  'one line': ['a single line\n', /./],
  'blank lines': ['  \n\n', /./],
  'bytes that are no text': [Buffer.from([0, 1, 2, 255, 254, 0, 10, 200]), /UTF|text/i],
  'invalid UTF-8': [Buffer.concat([Buffer.from(lines), Buffer.from([0xff, 0x61, 10])]), /UTF-8/],
  'UTF-16': [Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(lines, 'utf16le')]), /UTF-16/],
  gzip: [gzipSync(lines), /gzip/],
};

for (const [name, [given, said]] of Object.entries(refused))
  test(`${name}: a sentence, and nothing is lost`, async () => {
    await page.goto(`${url}?num_steps=20&n_embd=16`);
    if (typeof given === 'string') {
      await page.click('#lists >> text=my own');
      await page.fill('#list-text', given);
    } else await page.setInputFiles('#list-file', { name: 'list.txt', mimeType: 'text/plain', buffer: given });
    await page.click('#train');
    const sentence = await textOf('#error');
    assert.match(sentence, said);
    assert.ok(sentence.split(' ').length > 4, sentence);
    if (typeof given === 'string') assert.equal(await page.inputValue('#list-text'), given);
  });

test('settings out of range are named', async () => {
  await page.goto(`${url}?list=elements`);
  await page.evaluate(() => { document.querySelector('#advanced').open = true; });
  for (const [name, value] of [['n_embd', '31'], ['n_embd', '0'], ['num_steps', '-3'], ['n_layer', '5000']]) {
    await page.fill(`[name=${name}]`, value);
    await page.click('#train');
    assert.match(await textOf('#error'), new RegExp(`${name}|${name.replace('_', '-')}|width|steps|layers`, 'i'));
    await forget('#error');
    await page.fill(`[name=${name}]`, '');
  }
});

test('a worker that ends is said, and what was typed stays', async () => {
  await page.goto(`${url}?list=elements&num_steps=30&n_embd=16&train=1#use`);
  await phase('ready');
  await page.fill('#score-text', 'my own lines');
  await page.evaluate(() => window.microgpt.session.engine.terminate());
  await page.click('#score-run');
  assert.match(await textOf('#banner'), /start/i);
  await page.click('#restart');
  assert.equal(await page.inputValue('#score-text'), 'my own lines');
  await show('list');
  await page.click('#train');
  await phase('ready');
});

test('it works without a network once it was loaded', async () => {
  await page.goto(url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload(); // now by the service worker
  await browser.context.setOffline(true);
  try {
    await page.goto(`${url}?list=elements&num_steps=20&n_embd=16&train=1`);
    await phase('ready');
    assert.match(await textOf('#hash'), /^[0-9a-f]{64}$/);
  } finally {
    await browser.context.setOffline(false);
  }
});

test('axe finds no violation, and nothing is wider than the window, in both themes', async () => {
  await page.goto(`${url}?list=elements&num_steps=40&n_embd=16&train=1`);
  await phase('ready');
  await page.evaluate(axe);
  await page.evaluate(() => document.querySelectorAll('details').forEach((each) => { each.open = true; }));
  for (const colorScheme of ['light', 'dark'])
    for (const width of [360, 1200, 2000]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 1000 });
      for (const view of views) {
        await show(view);
        const found = await page.evaluate(async () => {
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
          const { violations } = await window.axe.run();
          const wider = document.documentElement.scrollWidth - innerWidth;
          return [...violations.map(({ id, nodes }) => `${id}: ${nodes[0].target}`), ...(wider > 0 ? [`${wider} pixels too wide`] : [])];
        });
        assert.deepEqual(found, [], `${view}, ${colorScheme}, ${width}`);
      }
    }
});
