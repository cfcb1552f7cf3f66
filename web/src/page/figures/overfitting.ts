// SPDX-License-Identifier: MIT
/** Learning by heart: the same model on 20 names and on 2,000, side by side. */
import { bytesOf, type Engine, lossNumber } from '../../module/microgpt';
import { Curve, level, type Point, type Series } from '../chart';
import { clearError, fill, h, say, showError } from '../dom';
import { newEngine, trainAside } from '../engines';
import { listOf } from '../lists';
import { fixed } from '../numbers';

// Nothing that keeps a model from learning by heart: that is what is shown.
const settings = { n_layer: 1, n_embd: 32, n_head: 4, batch_size: 16, num_steps: 400, learning_rate: 0.01, optimizer: 'adam', weight_decay: 0, ngram_share: 0, ngram_documents: 0, average: 0, held_out: 0.25, seed: 1, eval_every: 20 };
const sizes = [20, 2000];

export function overfittingFigure(host: HTMLElement): void {
  const button = h('button', { type: 'button', class: 'primary', click: () => void run() }, 'Train on 20 and on 2,000 names');
  const status = h('p', { class: 'status', role: 'status' });
  const error = h('div', { class: 'error', role: 'alert', id: 'overfitting-error' });
  const sides = sizes.map((size) => {
    const legend = h('figcaption', { class: 'legend' });
    const chart = h('div', { class: 'chart' });
    const figure = h('figure', { hidden: true }, h('h4', {}, `${size.toLocaleString('en-US')} names`), chart, legend);
    return { figure, curve: new Curve(chart, legend), training: [] as Point[], held: [] as Point[] };
  });
  fill(
    host,
    h('h3', {}, 'Try it: learn by heart'),
    h('p', {}, 'The same model trains on few names and on many. Watch its loss on what it trains on, and on what is held out.'),
    h('p', {}, button),
    status,
    error,
    h('div', { class: 'two' }, ...sides.map(({ figure }) => figure)),
  );

  async function run(): Promise<void> {
    clearError('overfitting-error');
    button.disabled = true;
    status.textContent = 'Fetching the names …';
    const engines: Engine[] = [];
    try {
      const names = new TextDecoder().decode(await listOf('names')!.bytes()).split('\n').filter(Boolean);
      const results = await Promise.all(
        sizes.map(async (size, i) => {
          const side = sides[i];
          side.figure.hidden = false;
          side.training = [];
          side.held = [];
          const engine = newEngine();
          engines.push(engine);
          // Some of all: the file is sorted by how many have the name.
          const some = Array.from({ length: size }, (_, n) => names[Math.floor((n * names.length) / size)]);
          let guessing = 0;
          const show = () =>
            side.curve.show([
              { label: 'training batches', points: side.training, look: 'thin', isNoisy: true },
              { label: 'held out (validation)', points: side.held, look: 'thick' },
              level('guessing', guessing, settings.num_steps, 'dotted'),
            ] satisfies Series[]);
          return trainAside(engine, bytesOf(some.join('\n')), 'the names', { settings }, new AbortController().signal, {
            begin: (begun) => (guessing = begun.uniform_loss),
            slice({ losses, validations }) {
              side.training.push(...losses.map(([step, loss]): Point => [step, lossNumber(loss)]));
              side.held.push(...validations.map(([step, loss]): Point => [step, lossNumber(loss)]));
              show();
              say(status, `Step ${sides.map(({ training }) => training.length).join(' and ')} of ${settings.num_steps} …`, true);
            },
          });
        }),
      );
      const end = (i: number) => `${fixed(sides[i].training.slice(-20).reduce((sum, [, loss]) => sum + loss / 20, 0), 2)} on its own names, ${fixed(sides[i].held.at(-1)![1], 2)} on held-out ones`;
      say(status, `With 20 names the model ends at ${end(0)}: it has learned them by heart, and is confident and wrong elsewhere. With 2,000 it ends at ${end(1)}. The steps kept are ${results.map((result) => result.kept_step).join(' and ')}: where the held-out loss was the lowest.`);
    } catch (problem) {
      status.textContent = '';
      showError('overfitting-error', problem);
    } finally {
      for (const engine of engines) engine.terminate();
      button.disabled = false;
      button.textContent = 'Train both again';
    }
  }
}
