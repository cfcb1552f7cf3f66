// SPDX-License-Identifier: MIT
/** A document's loss, from the probabilities of its characters: product, sum and mean. A button makes one of them impossible. */
import { fill, h } from '../dom';
import { workedLine } from '../worked';
import { slider } from './parts';

export function documentFigure(host: HTMLElement, title: string, characters: string[], first: number[], impossible: number, note = ''): void {
  const worked = h('div', { class: 'worked' });
  const controls = characters.map((character, i) => slider(`P(${character})`, { min: 0, max: 1, step: 0.0001, value: first[i] }, (value) => value.toFixed(4), update));
  const set = (label: string, values: (i: number) => number) =>
    h('button', { type: 'button', class: 'quiet', click: () => (controls.forEach((control, i) => (control.value = values(i))), update()) }, label);

  function update(): void {
    workedLine(
      worked,
      controls.map(({ value }) => ({ probability: value, nats: value === 0 ? 'inf' : -Math.log(value) })),
      characters.filter((character) => character !== 'end').join(''),
    );
  }
  update();
  fill(
    host,
    h('h3', {}, `Try it: ${title.toLowerCase()}`),
    ...controls.map((control) => control.row),
    h('p', { class: 'row wrap' }, set('start again', (i) => first[i]), set('all guessed, 1 in 27', () => 0.037), set('all certain', () => 1), set(`“${characters[impossible]}” impossible`, (i) => (i === impossible ? 0 : first[i]))),
    worked,
    note !== '' && h('p', { class: 'note' }, note),
  );
}
