// SPDX-License-Identifier: MIT
/** Bits are the length of a code: a code for what the model expects, and what it costs in truth. */
import { fill, fillTable, h } from '../dom';
import { fixed } from '../numbers';
import { huffman } from './huffman';
import { slider } from './parts';

const characters = ['a', 'e', 'i', 'm', 'z', 'end'];
const truth = [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.03125];

export function codeFigure(host: HTMLElement): void {
  const table = h('table', {});
  const numbers = h('p', { class: 'numbers', role: 'status' });
  const controls = characters.map((character) => slider(character, { min: 0, max: 100, step: 1, value: 17 }, (value) => `weight ${value}`, update));
  const set = (label: string, weights: number[]) =>
    h('button', { type: 'button', class: 'quiet', click: () => (controls.forEach((control, i) => (control.value = weights[i])), update()) }, label);

  function update(): void {
    const weights = controls.map(({ value }) => value);
    const total = weights.reduce((a, b) => a + b, 0);
    const model = weights.map((weight) => (total === 0 ? 1 / weights.length : weight / total));
    const codes = huffman(model);
    const bits = model.map((p) => -Math.log2(p));
    const mean = (values: number[]) => truth.reduce((sum, q, i) => sum + q * values[i], 0);
    fillTable(
      table,
      ['Character', 'Truth q', 'Model P', 'Bits, −log₂ P', 'Code', 'Its length'],
      characters.map((character, i) => [character, truth[i].toFixed(3), model[i].toFixed(3), fixed(bits[i], 2), h('code', {}, codes[i] || '–'), codes[i] ? codes[i].length : '∞']),
    );
    const entropy = mean(truth.map((q) => -Math.log2(q)));
    const cross = mean(bits);
    const length = mean(codes.map((code) => (code ? code.length : Infinity)));
    fill(
      numbers,
      'On average a character costs the model ',
      h('b', {}, `${fixed(cross, 3)} bits`),
      ` (cross-entropy), and its code ${fixed(length, 3)}. No code can do with less than ${fixed(entropy, 3)} (the entropy of the truth). `,
      cross === Infinity
        ? 'What has the weight 0 has no code: when it comes, it cannot be written at all.'
        : cross - entropy < 0.0005
          ? 'The model is the truth: nothing is left to learn.'
          : `${fixed(cross - entropy, 3)} bits are what the model has still to learn.`,
    );
  }
  update();
  fill(
    host,
    h('h3', {}, 'Try it: bits are the length of a code'),
    h('p', {}, 'A likely character gets a short word of 0s and 1s, a rare one a long word. Set what the model expects; the truth stays.'),
    h('div', { class: 'sliders' }, ...controls.map((control) => control.row)),
    h('p', { class: 'row wrap' }, set('knows nothing', characters.map(() => 17)), set('knows the truth', [64, 32, 16, 8, 4, 4]), set('is wrong', [4, 4, 8, 16, 32, 64]), set('says never', [64, 32, 16, 8, 0, 4])),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Codes' }, table),
    numbers,
  );
}
