// SPDX-License-Identifier: MIT
/** Scores lines and sorts them; each character is coloured by its bits. */
import { type Loss, lossNumber, type ScoredLine } from '../module/messages';
import { bytesOf } from '../module/microgpt';
import { heat } from './cells';
import { byId, clearError, fill, h, say, showError } from './dom';
import { count, fixed, plural } from './numbers';
import { session } from './session';

const chunk = 250; // lines of a call: the page and the worker stay free in between
const page = 60; // rows that are drawn at a time
const shares = { training: 'trained on', validation: 'held out', test: 'held out' };

type Key = 'oddness' | 'p_value' | 'bits' | 'bits_per_character' | '';

let scored: ScoredLine[] = [];
let sorted: ScoredLine[] = [];
let drawn = 0;
let turn = 0;

const keyOf = (line: ScoredLine, key: Key): number =>
  key === '' ? 0 : key === 'p_value' ? -(line.p_value ?? -lossNumber(line.bits)) : lossNumber((line[key] as Loss | undefined) ?? line.bits);

function sort(): void {
  const key = byId<HTMLSelectElement>('score-sort').value as Key;
  sorted = [...scored].sort((a, b) => keyOf(b, key) - keyOf(a, key) || (key === 'p_value' ? keyOf(b, 'oddness') - keyOf(a, 'oddness') : 0));
  const tells = scored.some((line) => line.p_value !== undefined);
  const head = ['Line', 'Bits', 'Bits per character', ...(tells ? ['Oddness', 'p-value'] : []), 'On the list'];
  fill(byId('score-table'), h('thead', {}, h('tr', {}, ...head.map((cell) => h('th', { scope: 'col' }, cell)))), h('tbody', {}));
  drawn = 0;
  drawMore();
}

function drawMore(): void {
  const uniform = Math.log2(session.model?.symbols.length ?? 27);
  const tells = scored.some((line) => line.p_value !== undefined);
  const body = byId('score-table').querySelector('tbody')!;
  body.append(...sorted.slice(drawn, drawn + page).map((line) => row(line, uniform, tells)));
  drawn = Math.min(drawn + page, sorted.length);
  byId('score-more').hidden = drawn === sorted.length;
  byId('score-more').textContent = `Show more of the ${count(sorted.length - drawn)} others`;
}

/** How many lines p-values compare with; 0 where a model was opened, which does not say it. */
const heldOut = () => session.run?.begun.test_documents ?? 0;

/** A p-value is (1 + how many are at least as odd) / (1 + how many there are): no line can have less than that of 0. */
const isLeast = (p: number | undefined) => p !== undefined && heldOut() > 0 && Math.abs(p * (1 + heldOut()) - 1) < 1e-6;

function row(line: ScoredLine, uniform: number, tells: boolean): HTMLElement {
  const characters = [...line.text];
  // A space before the end, for who copies or hears the line.
  const marks = line.position_bits.flatMap((bits, i) => {
    const isEnd = i >= characters.length;
    const mark = h('span', { class: `mark heat${heat(bits, uniform)}${isEnd ? ' end' : ''}`, title: `${isEnd ? 'the end' : characters[i]}: ${fixed(bits, 2)} bits` }, isEnd ? 'end' : characters[i]);
    return isEnd ? [' ', mark] : [mark];
  });
  return h(
    'tr',
    {},
    h('th', { scope: 'row', class: 'marks' }, ...marks),
    h('td', {}, fixed(line.bits, 2)),
    h('td', {}, fixed(line.bits_per_character, 2)),
    tells && h('td', {}, line.oddness === undefined ? '' : fixed(line.oddness, 2)),
    tells && h('td', {}, line.p_value === undefined ? '' : fixed(line.p_value, 4), isLeast(line.p_value) && h('span', { class: 'least' }, `at least as odd as all ${plural(heldOut(), 'held-out line')}`)),
    h('td', {}, line.part ? shares[line.part] : 'no'),
  );
}

/** Where each part of some lines ends. */
function* parts(bytes: Uint8Array): Generator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; ) {
    let end = begin;
    for (let lines = 0; lines < chunk && end < bytes.length; ++lines) {
      const next = bytes.indexOf(10, end);
      end = next < 0 ? bytes.length : next + 1;
    }
    yield bytes.slice(begin, end);
    begin = end;
  }
}

const isBlank = (bytes: Uint8Array) => bytes.every((byte) => byte === 10 || byte === 13 || byte === 32 || byte === 9);

async function score(bytes: Uint8Array): Promise<void> {
  const mine = ++turn;
  clearError('score-error');
  const status = byId('score-status');
  scored = [];
  try {
    if (isBlank(bytes)) throw new Error('there is no line to score; paste some');
    for (const part of parts(bytes)) {
      if (isBlank(part)) continue;
      const { lines } = await session.call('score', { bytes: part, name: 'the lines' });
      if (mine !== turn) return;
      for (const line of lines) scored.push(line);
      say(status, `Scored ${plural(scored.length, 'line')} …`, true);
    }
    byId('scored').hidden = false;
    say(status, `Scored ${plural(scored.length, 'line')}${session.model?.tells_p_values ? '' : '; nothing was held out, so there are no p-values'}.`);
    sort();
  } catch (error) {
    if (mine !== turn) return;
    status.textContent = '';
    showError('score-error', error);
  }
}

/** Some lines of the list, and some of its lines backwards, which are odd. */
function examples(bytes: Uint8Array): string {
  const lines = new TextDecoder().decode(bytes.subarray(0, 4000)).split(/\r?\n/).slice(0, -1).filter((line) => line.trim() !== '');
  const backwards = lines.slice(5, 8).map((line) => [...line].reverse().join(''));
  return [...lines.slice(0, 5), ...backwards].join('\n');
}

export function startScoring(): void {
  const area = byId<HTMLTextAreaElement>('score-text');
  byId('score-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void score(bytesOf(area.value));
  });
  byId('score-list').addEventListener('click', () => session.run && void score(session.run.documents.bytes));
  byId('score-sort').addEventListener('change', () => scored.length > 0 && sort());
  byId('score-more').addEventListener('click', drawMore);
  area.addEventListener('dragover', (event) => event.preventDefault());
  area.addEventListener('drop', (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void file.arrayBuffer().then((bytes) => score(new Uint8Array(bytes)));
  });
  let offered = '';
  session.listen(() => {
    const { model, run } = session;
    if (model && run && area.value === offered) area.value = offered = examples(run.documents.bytes);
    if (model) return;
    ++turn;
    byId('scored').hidden = true;
    byId('score-status').textContent = '';
  });
}
