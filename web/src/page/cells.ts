// SPDX-License-Identifier: MIT
/** Characters as cells, coloured by how much they surprise. Colour is never alone: the numbers stand in the cell. */
import { type Explanation, lossNumber } from '../module/messages';
import { fill, h } from './dom';
import { fixed, probability, shown } from './numbers';

// Shares of ln V at which the colour changes: 1 is what guessing costs.
const bounds = [0.15, 0.35, 0.6, 0.85, 1.15, 1.7];

/** 0 to 6, by the loss as a share of that of guessing. */
export function heat(nats: number, uniform: number): number {
  const share = nats / uniform;
  const level = bounds.findIndex((bound) => share < bound);
  return level < 0 ? bounds.length : level;
}

export function heatScale(host: HTMLElement, uniform: number): void {
  fill(
    host,
    h('span', {}, 'expected'),
    ...[0, ...bounds].map((bound, level) => h('span', { class: `swatch heat${level}` }, level === 0 ? '0' : fixed(bound * uniform, 1))),
    h('span', {}, `surprising, in nats; guessing costs ${fixed(uniform, 2)}`),
  );
}

/** Cells of a text, which stay where they are when only numbers change. */
export class Cells {
  constructor(
    private readonly host: HTMLElement,
    private readonly isChosen: boolean,
  ) {}

  show({ positions, loss_random }: Explanation, chosen = -1): void {
    while (this.host.children.length > positions.length) this.host.lastElementChild!.remove();
    while (this.host.children.length < positions.length) this.host.append(this.cell(this.host.children.length));
    this.host.classList.toggle('many', positions.length > 40);
    positions.forEach((position, i) => {
      const cell = this.host.children[i] as HTMLElement;
      cell.className = `cell heat${heat(lossNumber(position.nats), loss_random)}`;
      const [character, p, nats, bits] = cell.children as unknown as HTMLElement[];
      write(character, shown(position.target) + (position.unseen ? '?' : ''));
      character.classList.toggle('word', position.target === 'BOS');
      write(p.lastElementChild!, probability(position.probability));
      write(nats.firstElementChild!, fixed(position.nats, 2));
      write(bits, `${fixed(position.bits, 2)} bit`);
      if (!this.isChosen) return;
      cell.setAttribute('aria-selected', String(i === chosen));
      cell.tabIndex = i === chosen ? 0 : -1;
    });
  }

  private cell(index: number): HTMLElement {
    return h('div', this.isChosen ? { role: 'option', 'data-index': index } : {}, h('b', {}), h('span', { class: 'p' }, unseen('P '), h('span')), h('span', { class: 'nats' }, h('span'), unseen(' nats')), h('span', { class: 'bits' }));
  }
}

/** What only a screen reader says. */
const unseen = (text: string) => h('span', { class: 'unseen' }, text);

function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
