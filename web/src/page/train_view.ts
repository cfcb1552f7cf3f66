// SPDX-License-Identifier: MIT
/** The first section: buttons, the curve, what was chosen, and how well the model predicts. */
import { MicrogptError } from '../module/microgpt';
import { Curve, level, type Series, thinned } from './chart';
import { byId, clearError, fill, fillTable, h, type Offer, showError, throttled, whenIdle } from './dom';
import { documents, startDocuments, takeBytes, usualList } from './documents';
import { count, fixed } from './numbers';
import { remediesFor } from './remedies';
import { currentView, onView } from './router';
import { factsOf, verdictOf, warningOf } from './sentences';
import { type Documents, type Run, session } from './session';
import { asked, startSettings, updateAddress } from './settings_form';
import { initialState, namesList, trainsAtOnce } from './state';

const button = (id: string) => byId<HTMLButtonElement>(id);
const curve = new Curve(byId('curve-chart'), byId('curve-legend'));

/** Does what a button asks for; what goes wrong is said below the buttons. */
async function attempt(act: () => Promise<void>, offers: (error: MicrogptError) => Offer[] = () => []): Promise<void> {
  clearError('error');
  try {
    await act();
  } catch (error) {
    // A worker that ended is told of above all sections.
    if (error instanceof MicrogptError && error.kind === 'stopped') return;
    showError('error', error, ...(error instanceof MicrogptError ? offers(error) : []));
  }
}

function begin(then: 'run' | 'step', invalid?: 'replace'): Promise<void> {
  let given: Documents | undefined;
  return attempt(
    async () => {
      given = await documents();
      await session.train(given, asked(), then, invalid);
    },
    (error) => remediesFor(error, given, { replace: () => void begin(then, 'replace'), take: (bytes, name) => (takeBytes(bytes, name), void begin(then)) }),
  );
}

let times: [moment: number, step: number][] = []; // of the last seconds, for what remains

function remaining(run: Run): string {
  const now = performance.now();
  if (times.length > 0 && run.step < times[times.length - 1][1]) times = [];
  times.push([now, run.step]);
  times = times.filter(([moment]) => now - moment < 4000);
  const [first, last] = [times[0], times[times.length - 1]];
  if (last[1] === first[1] || last[0] - first[0] < 500) return '';
  const seconds = ((run.begun.steps - run.step) * (last[0] - first[0])) / (last[1] - first[1]) / 1000;
  return `, about ${seconds < 60 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`} left`;
}

function statusText(): string {
  const { phase, run } = session;
  if (session.isSilent) return 'The worker has not answered for a while.';
  switch (phase) {
    case 'preparing':
      return session.hasBegun ? 'Reading the list and counting its n-grams …' : 'Fetching the library …';
    case 'running':
      return `Step ${count(run!.step)} of ${count(run!.begun.steps)}${remaining(run!)}.`;
    case 'paused':
      return `Paused at step ${count(run!.step)} of ${count(run!.begun.steps)}.`;
    case 'finishing':
      return 'Measuring the best model on all parts …';
    case 'ready':
      if (!run) return 'A model is open.';
      return `${run.endedAt !== undefined ? `Stopped at step ${count(run.endedAt)}` : `Trained ${count(run.step)} steps`}. The model is that of step ${count(run.keptStep!)}, where it predicted the validation part best.`;
    case 'stopped':
      return 'The worker has ended.';
    default:
      return byId('error').hasChildNodes() ? '' : 'Ready.';
  }
}

function showButtons(): void {
  const { phase } = session;
  const isBusy = phase === 'preparing' || phase === 'finishing';
  button('train').disabled = isBusy || phase === 'running'; // after a pause it begins anew, by the settings of now
  button('pause').disabled = phase !== 'running';
  button('step').disabled = isBusy || phase === 'running';
  button('go-on').disabled = phase !== 'paused';
  button('stop').disabled = phase !== 'running' && phase !== 'paused';
}

let announced = '';

function showStatus(): void {
  const { phase, run } = session;
  const text = statusText();
  // A screen reader hears of phases, and not of each step.
  const status = byId('status');
  status.setAttribute('aria-live', phase === 'running' && announced === 'running' ? 'off' : 'polite');
  announced = phase;
  status.textContent = text;
  const bar = byId<HTMLProgressElement>('progress');
  bar.hidden = !['preparing', 'running', 'paused', 'finishing'].includes(phase);
  if (phase === 'preparing' || phase === 'finishing') bar.removeAttribute('value');
  else bar.value = run ? run.step / run.begun.steps : 0;
  const ticker = byId('ticker');
  ticker.hidden = !session.isTraining;
  if (run && run.losses.length > 0) ticker.textContent = `step ${count(run.step)} · ${fixed(run.losses[run.losses.length - 1][1], 3)}`;
}

/** What a batch has beside the list's own lines and characters: its loss is not that of the list then. */
function addedTo({ settings }: Run['begun']): string {
  if (Number(settings.ngram_share) > 0) return 'with the n-gram’s share';
  if (Number(settings.ngram_documents) > 0) return 'with the n-gram’s lines';
  return Number(settings.teacher_part) > 0 ? 'with the teacher’s share' : '';
}

/** Of the run: curves, and what they are compared with. */
export function seriesOf(run: Run): Series[] {
  const { begun } = run;
  const added = addedTo(begun);
  return [
    { label: added ? `training batches (${added})` : 'training batches', points: run.losses, look: 'thin', isNoisy: true },
    ...(begun.validation_documents > 0 ? [{ label: 'held out (validation)', points: run.validations, look: 'thick' } as Series] : []),
    ...(begun.ngram_loss !== null ? [level(`counting (${begun.ngram_order}-gram)`, Number(begun.ngram_loss), begun.steps, 'dashed')] : []),
    level(`guessing, ln ${begun.config.vocab_size}`, begun.uniform_loss, begun.steps, 'dotted'),
  ];
}

function showCurve(run: Run): void {
  byId('blank').hidden = true;
  byId('curve').hidden = false;
  byId('curve-title').textContent = `The loss on ${run.documents.name}`;
  const kept = run.keptStep ?? run.bestStep;
  const ring = run.validations.find(([step]) => step === kept);
  curve.show(seriesOf(run), ring, run.begun.settings.loss_mean);
  const added = addedTo(run.begun);
  byId('curve-note').textContent = added && `The training loss is of batches ${added}, so it does not compare with the held-out loss.`;
  if (!byId('curve-table').closest('details')!.open) return;
  const held = new Map(run.validations);
  const trained = thinned(run.losses, 20);
  const steps = [...new Set([...held.keys(), ...trained.map(([step]) => step)])].sort((a, b) => a - b);
  const means = new Map(trained);
  const cell = (value: number | undefined) => (value === undefined ? '' : fixed(value));
  fillTable(byId('curve-table'), ['Step', 'Training', 'Held out'], steps.map((step) => [count(step), cell(means.get(step)), cell(held.get(step))]));
}

function showOutcome(run: Run): void {
  const { parts, begun } = run;
  byId('outcome').hidden = !parts;
  if (!parts) return;
  const judged = parts.find(({ part }) => part === 'test') ?? parts.find(({ part }) => part === 'validation') ?? parts[0];
  byId('verdict').textContent = verdictOf(judged, run);
  const label = { gpt: 'GPT', ngram: `${begun.ngram_order}-gram`, mixture: 'mixture' };
  const rows = parts.flatMap((part) =>
    (['gpt', 'ngram', 'mixture'] as const).flatMap((name) => {
      const of = part[name];
      return of ? [[`${part.part}, ${label[name]}`, count(part.documents), fixed(of.token_mean), fixed(of.document_mean), fixed(of.bits_per_character, 3), fixed(of.perplexity, 2)]] : [];
    }),
  );
  rows.push(['guessing', '', fixed(begun.uniform_loss), '', '', String(begun.config.vocab_size)]);
  fillTable(byId('parts'), ['Part and predictor', 'Documents', 'Nats per token', 'Document mean', 'Bits per character', 'Perplexity'], rows.reverse());
  const warning = warningOf(run);
  byId('warning').hidden = warning === '';
  byId('warning').textContent = warning;
}

function showChosen(run: Run): void {
  byId('chosen').hidden = false;
  fill(
    byId('facts'),
    ...factsOf(run).map(([what, value, why]) => h('div', {}, h('dt', {}, what), h('dd', {}, h('b', {}, value), h('span', {}, why)))),
  );
  fillTable(byId('settings'), ['Setting', 'Value', 'From'], Object.entries(run.begun.settings).map(([name, value]) => [name, value === null ? 'none' : String(value), name in run.asked.settings ? 'you' : '']));
}

let seen: Run | undefined;
let seenPhase = '';

const update = throttled(100, () => {
  const { run, phase } = session;
  showStatus();
  if (!run) {
    byId('chosen').hidden = byId('outcome').hidden = byId('curve').hidden = true;
    byId('blank').hidden = false;
    seen = undefined;
    return;
  }
  if (currentView() === 'list') showCurve(run);
  if (run !== seen) whenIdle(() => showChosen(run));
  if (run !== seen || phase !== seenPhase) showOutcome(run);
  seen = run;
  seenPhase = phase;
});

export function startTraining(): void {
  const first = initialState(usualList);
  startSettings(first);
  startDocuments(first.list, namesList, () => (updateAddress(), update()));
  byId('list-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!button('train').disabled) void begin('run');
  });
  button('pause').addEventListener('click', () => session.pause());
  button('step').addEventListener('click', () => void (session.phase === 'paused' ? attempt(() => session.step()) : begin('step')));
  button('go-on').addEventListener('click', () => void attempt(() => session.goOn()));
  button('stop').addEventListener('click', () => void attempt(() => session.finish()));
  byId('curve-table').closest('details')!.addEventListener('toggle', update);
  session.listen(() => {
    showButtons();
    update();
  });
  onView(update);
  showButtons();
  if (trainsAtOnce) void begin('run');
}
