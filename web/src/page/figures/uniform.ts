// SPDX-License-Identifier: MIT
/** ln V: what guessing among V costs. */
import { fill, h } from '../dom';
import { fixed } from '../numbers';
import { axes, frame, pathOf, scales, slider, svg } from './parts';

export function uniformFigure(host: HTMLElement): void {
  const at = scales([0, 100], [0, 5]);
  const points = Array.from({ length: 100 }, (_, i): [number, number] => [at.x(i + 1), at.y(Math.log(i + 1))]);
  const guide = svg('path', { class: 'guide' });
  const dot = svg('circle', { r: 7, class: 'dot' });
  const drawing = svg(
    'svg',
    { viewBox: `0 0 ${frame.width} ${frame.height}`, 'aria-hidden': 'true' },
    axes(at, [1, 27, 50, 75, 100], [0, 1, 2, 3, 4, 5], 'V, tokens to choose among', 'ln V, nats'),
    svg('path', { d: pathOf(points), class: 'curve' }),
    guide,
    dot,
  );
  const numbers = h('p', { class: 'numbers', role: 'status' });
  const control = slider('V', { min: 2, max: 100, step: 1, value: 27 }, String, update);

  function update(): void {
    const V = control.value;
    const [x, y] = [at.x(V), at.y(Math.log(V))];
    guide.setAttribute('d', pathOf([[x, at.y(0)], [x, y], [at.x(0), y]]));
    dot.setAttribute('cx', String(x));
    dot.setAttribute('cy', String(y));
    const what = V === 27 ? ' Here are 26 letters and the end, so this is where names begin: the 3.3 that you see at the first step.' : V === 2 ? ' A coin toss: one bit.' : '';
    fill(numbers, `Each has P = 1/${V} = ${(1 / V).toFixed(4)}, so guessing costs −ln(1/${V}) = ln ${V} = `, h('b', {}, `${fixed(Math.log(V), 3)} nats`), `, or ${fixed(Math.log2(V), 3)} bits.${what}`);
  }
  update();
  fill(host, h('h3', {}, 'Try it: what does guessing cost?'), drawing as unknown as HTMLElement, control.row, numbers);
}
