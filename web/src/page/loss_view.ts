// SPDX-License-Identifier: MIT
/** The second section: the loss of a text, character by character, live while a model trains. */
import { type Explanation, MicrogptError, type Predictor } from '../module/microgpt';
import { Cells, heatScale } from './cells';
import { byId, clearError, debounced, fillTable, say, showError } from './dom';
import { count, fixed, probability, shown } from './numbers';
import { showPosition } from './position_panel';
import { currentView, onView } from './router';
import { session } from './session';
import { workedLine } from './worked';

const input = byId<HTMLInputElement>('explain-text');
const predictor = byId<HTMLSelectElement>('predictor');
const cells = new Cells(byId('cells'), true);
const watchCells = new Cells(byId('watch-cells'), false);
const interval = 250; // milliseconds between two explanations of a model in training

let explanation: Explanation | undefined;
let chosen = 0;
let isTouched = false; // the visitor typed a text
let last = 0;
let turn = 0;

/** Which predictor the numbers are of: while it trains, there is the GPT alone. */
const predictorNow = (): Predictor => (session.isTraining ? 'gpt' : ((predictor.value as Predictor) || (session.model?.predictors.includes('mixture') ? 'mixture' : 'gpt')));

const byWhom = { mixture: 'by GPT and n-gram together', gpt: 'by the GPT alone', ngram: 'by the n-gram alone' };

async function explain(): Promise<void> {
  const mine = ++turn;
  if (!session.canExplain) return showNothing();
  const isLive = session.isTraining;
  try {
    const answer = await session.call('explain', {
      text: input.value,
      alternatives: 8,
      ...(isLive ? { live: true } : predictor.value && { predictor: predictor.value as Predictor }),
    });
    if (mine !== turn) return;
    clearError('explain-error');
    show(answer, isLive);
  } catch (error) {
    if (mine !== turn || (error instanceof MicrogptError && error.kind === 'stopped')) return;
    if (isLive !== session.isTraining) return void explain(); // the run ended in between
    byId('explained').hidden = true;
    showError('explain-error', error);
  }
}

/** Between two slices of training: often enough to see it learn, rarely enough not to slow it. */
async function explainLive(): Promise<void> {
  if (performance.now() - last < interval || !['loss', 'list'].includes(currentView())) return;
  await explain();
  last = performance.now();
}

function showNothing(): void {
  byId('explained').hidden = byId('watch').hidden = true;
  byId('explain-start').hidden = session.phase !== 'empty';
  byId('explain-note').textContent = session.phase === 'preparing' || session.phase === 'finishing' ? 'One moment …' : 'There is no model yet. Train one on your list; this view shows its loss while it learns.';
}

function show(answer: Explanation, isLive: boolean): void {
  explanation = answer;
  chosen = Math.min(chosen, answer.positions.length - 1);
  const { run } = session;
  if (currentView() === 'list') {
    byId('watch').hidden = false;
    byId('watch-note').textContent = `The loss of “${answer.text}”, character by character, ${byWhom[predictorNow()]}${isLive ? `, while it trains (step ${count(run!.step)})` : ''}: ${fixed(answer.loss_mean, 2)} nats on average.`;
    watchCells.show(answer);
    return;
  }
  byId('explained').hidden = false;
  byId('explain-start').hidden = true;
  say(byId('explain-note'), isLive ? `Predicted by the GPT alone, while it trains (step ${count(run!.step)}).${run!.begun.ngram_order ? ' At the end the n-gram joins it.' : ''}` : `Predicted ${byWhom[predictorNow()]}${run && predictorNow() !== 'ngram' ? `; the GPT is that of step ${count(run.keptStep!)}` : ''}.`, isLive);
  cells.show(answer, chosen);
  heatScale(byId('scale'), answer.loss_random);
  workedLine(byId('worked'), answer.positions.map(({ probability, nats }) => ({ probability, nats })), answer.text);
  showPosition(byId('position'), answer, chosen, predictorNow());
  const table = byId('positions');
  if (table.closest('details')!.open)
    fillTable(
      table,
      ['Position', 'After', 'Comes', 'P', 'Nats', 'Bits', 'Likeliest others'],
      answer.positions.map((position, i) => [
        i,
        shown(position.input, false),
        shown(position.target) + (position.unseen ? ' (never seen)' : ''),
        probability(position.probability),
        fixed(position.nats, 3),
        fixed(position.bits, 3),
        position.alternatives.slice(0, 3).map((other) => `${shown(other.token)} ${other.probability.toFixed(2)}`).join('  '),
      ]),
    );
}

function choose(index: number): void {
  if (!explanation) return;
  chosen = Math.max(0, Math.min(explanation.positions.length - 1, index));
  cells.show(explanation, chosen);
  byId('position').setAttribute('aria-live', 'polite');
  showPosition(byId('position'), explanation, chosen, predictorNow());
  setTimeout(() => byId('position').setAttribute('aria-live', 'off'), 500);
  (byId('cells').children[chosen] as HTMLElement).focus();
}

/** The first line of the list is a text to begin with. */
function offerText(): void {
  const { run } = session;
  if (isTouched || !run) return;
  const lines = new TextDecoder().decode(run.documents.bytes.subarray(0, 4000)).split('\n');
  const text = lines.find((line) => line.trim().length >= 4 && line.length <= 16) ?? lines.find((line) => line.trim() !== '') ?? '';
  input.value = [...text.trim()].slice(0, 60).join('');
}

export function startLoss(): void {
  const soon = debounced(120, () => void explain());
  input.addEventListener('input', () => {
    isTouched = true;
    soon();
  });
  predictor.addEventListener('change', () => void explain());
  byId('cells').addEventListener('click', (event) => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (cell) choose(Number(cell.dataset.index));
  });
  byId('cells').addEventListener('keydown', (event) => {
    const moves: Record<string, number> = { ArrowLeft: chosen - 1, ArrowUp: chosen - 1, ArrowRight: chosen + 1, ArrowDown: chosen + 1, Home: 0, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    choose(moves[event.key]);
  });
  byId('positions').closest('details')!.addEventListener('toggle', () => explanation && void explain());
  byId('explain-start').addEventListener('click', () => byId('train').click());
  session.between = explainLive;
  let before = '';
  session.listen(() => {
    const now = `${session.phase} ${session.model?.sha256 ?? ''}`;
    if (now === before) return;
    before = now;
    offerText();
    const model = session.model;
    for (const option of predictor.options) option.disabled = model !== undefined && !session.isTraining && option.value !== '' && !model.predictors.includes(option.value as Predictor);
    predictor.disabled = session.isTraining;
    void explain();
  });
  onView((view) => {
    if (view === 'loss' || view === 'list') void explain();
  });
  void explain();
}
