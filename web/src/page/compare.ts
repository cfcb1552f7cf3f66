// SPDX-License-Identifier: MIT
/** Two runs side by side, each in its own worker. */
import { type Engine, lossNumber, type PartLosses } from '../module/microgpt';
import { Curve, level, type Point, type Series } from './chart';
import { byId, clearError, fill, fillTable, h, say, showError } from './dom';
import { documents } from './documents';
import { newEngine, trainAside } from './engines';
import { count, fixed } from './numbers';
import { askedOf } from './state';

const fields = [
  ['n_embd', 'Width'],
  ['n_layer', 'Layers'],
  ['num_steps', 'Steps'],
  ['learning_rate', 'Rate'],
  ['batch_size', 'Batch'],
  ['seed', 'Seed'],
];
const first: Record<string, string>[] = [
  { n_embd: '16', num_steps: '300' },
  { n_embd: '64', num_steps: '300' },
];
const names = ['A', 'B'];

export function startCompare(): void {
  const curve = new Curve(byId('compare-chart'), byId('compare-legend'));
  const [run, stop] = [byId<HTMLButtonElement>('compare-run'), byId<HTMLButtonElement>('compare-stop')];
  let controller = new AbortController();
  fill(
    byId('compare-sides'),
    ...names.map((name, side) =>
      h(
        'fieldset',
        { 'data-side': name },
        h('legend', {}, `Run ${name}`),
        h('div', { class: 'grid-fields' }, ...fields.map(([field, label]) => h('label', {}, `${label} `, h('input', { 'data-name': field, inputmode: 'decimal', value: first[side][field] ?? '' })))),
      ),
    ),
  );
  const askedOn = (name: string) => askedOf([...document.querySelectorAll<HTMLInputElement>(`[data-side=${name}] input`)].map((input): [string, string] => [input.dataset.name!, input.value.trim()]));

  async function train(): Promise<void> {
    clearError('compare-error');
    run.disabled = true;
    stop.disabled = false;
    controller = new AbortController();
    const engines: Engine[] = [];
    const held: Point[][] = [[], []];
    const levels: Series[] = [];
    const steps = [0, 0];
    const all = [0, 0];
    const status = byId('compare-status');
    byId('compare').hidden = false;
    fill(byId('compare-table'));
    const show = () =>
      curve.show([
        { label: 'A, held out (validation)', points: held[0], look: 'thick' },
        { label: 'B, held out (validation)', points: held[1], look: 'second' },
        ...levels,
      ]);
    try {
      const { bytes, name } = await documents();
      status.textContent = 'Both begin …';
      const results = await Promise.all(
        names.map(async (side, i) => {
          const engine = newEngine();
          engines.push(engine);
          return trainAside(engine, bytes, name, askedOn(side), controller.signal, {
            begin(begun) {
              all[i] = begun.steps;
              levels.length = 0;
              const last = Math.max(...all);
              if (begun.ngram_loss !== null) levels.push(level(`counting (${begun.ngram_order}-gram)`, lossNumber(begun.ngram_loss), last, 'dashed'));
              levels.push(level('guessing', begun.uniform_loss, last, 'dotted'));
            },
            slice({ losses, validations }) {
              steps[i] += losses.length;
              held[i].push(...validations.map(([step, loss]): Point => [step, lossNumber(loss)]));
              say(status, `A: step ${count(steps[0])} of ${count(all[0])}. B: step ${count(steps[1])} of ${count(all[1])}.`, true);
              show();
            },
          });
        }),
      );
      const partOf = (parts: PartLosses[]) => parts.find(({ part }) => part === 'test') ?? parts[parts.length - 1];
      const losses = results.map(({ parts }) => partOf(parts));
      fillTable(
        byId('compare-table'),
        ['Run', 'Parameters', 'Kept step', 'GPT, test', 'Mixture, test'],
        results.map((result, i) => [names[i], count(result.parameters), count(result.kept_step), fixed(losses[i].gpt.token_mean), losses[i].mixture ? fixed(losses[i].mixture!.token_mean) : '–']),
      );
      const difference = lossNumber(losses[1].gpt.token_mean) - lossNumber(losses[0].gpt.token_mean);
      say(
        status,
        Math.abs(difference) < 0.005
          ? 'Both GPTs predict the test equally well, to 0.005 nats.'
          : `Run ${difference < 0 ? 'B' : 'A'} predicts the test better, by ${fixed(Math.abs(difference), 3)} nats per token. Another seed tells whether that was luck.`,
      );
    } catch (error) {
      status.textContent = '';
      showError('compare-error', error);
    } finally {
      for (const engine of engines) engine.terminate();
      run.disabled = false;
      stop.disabled = true;
    }
  }
  byId('compare-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!run.disabled) void train();
  });
  stop.addEventListener('click', () => controller.abort());
}
