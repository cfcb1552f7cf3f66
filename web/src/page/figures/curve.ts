// SPDX-License-Identifier: MIT
/** −ln P: set P by hand. */
import { fill, h } from '../dom';
import { fixed, odds } from '../numbers';
import { axes, frame, pathOf, scales, slider, svg } from './parts';

const highest = 7;

export function curveFigure(host: HTMLElement): void {
  const at = scales([0, 1], [0, highest]);
  const points = Array.from({ length: 200 }, (_, i): [number, number] => {
    const loss = (highest * i) / 199; // even in height, as the curve is steep
    return [at.x(Math.exp(-loss)), at.y(loss)];
  });
  const drop = svg('line', { class: 'guide' });
  const dot = svg('circle', { r: 7, class: 'dot' });
  const arrow = svg('text', { class: 'value', 'text-anchor': 'start' });
  const drawing = svg(
    'svg',
    { viewBox: `0 0 ${frame.width} ${frame.height}`, 'aria-hidden': 'true' },
    axes(at, [0, 0.25, 0.5, 0.75, 1], [0, 1, 2, 3, 4, 5, 6, 7], 'P of what came', '−ln P, nats'),
    svg('path', { d: pathOf(points), class: 'curve' }),
    drop,
    dot,
    arrow,
  );
  const numbers = h('p', { class: 'numbers', role: 'status' });
  const control = slider('P', { min: 0, max: 1, step: 0.001, value: 0.037 }, (value) => value.toFixed(3), update);
  const jump = (label: string, value: number) =>
    h('button', { type: 'button', class: 'quiet', click: () => ((control.value = value), update()) }, label);

  function update(): void {
    const P = control.value;
    const nats = -Math.log(P);
    const [x, y] = [at.x(P), at.y(Math.min(nats, highest))];
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: at.y(0), y2: y })) drop.setAttribute(name, String(value));
    dot.setAttribute('cx', String(x));
    dot.setAttribute('cy', String(y));
    arrow.setAttribute('x', String(x + 14));
    arrow.setAttribute('y', String(Math.max(y, 24) + (P > 0.9 ? -12 : 5)));
    arrow.setAttribute('text-anchor', P > 0.8 ? 'end' : 'start');
    arrow.textContent = P === 0 ? '∞ ↑' : fixed(nats, 2);
    fill(
      numbers,
      ...(P === 0
        ? ['It was held to be impossible, and it came: the loss is ', h('b', {}, '∞'), '. One such character makes any sum, and any mean, infinite.']
        : P === 1
          ? ['It was certain, and it came: the loss is ', h('b', {}, '0'), '. Nothing was learned from seeing it.']
          : [h('b', {}, `${fixed(nats, 3)} nats`), ` or ${fixed(nats / Math.LN2, 3)} bits: ${odds(P)}. Twice the chance would cost ${fixed(Math.min(Math.LN2, nats), 3)} nats less.`]),
    );
  }
  update();
  fill(
    host,
    h('h3', {}, 'Try it: set P by hand'),
    drawing as unknown as HTMLElement,
    control.row,
    h('p', { class: 'row wrap' }, jump('certain', 1), jump('a coin toss', 0.5), jump('1 in 27', 0.037), jump('1 in 1000', 0.001), jump('impossible', 0)),
    numbers,
    h(
      'p',
      { class: 'note' },
      'Why the minus: ln of a number below 1 is negative, so the minus makes the loss positive. Why the logarithm: chances multiply, and losses should add up. From P = 0.2 to 0.1 it costs as much as from 0.02 to 0.01: each halving costs ln 2 = 0.693 nats, which is one bit.',
    ),
  );
}
