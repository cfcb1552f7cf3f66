// SPDX-License-Identifier: MIT
/** What figures have in common. */
import { h } from '../dom';

let nextId = 0;

/** A slider with its label and what it is set to. `spoken` is what a screen reader says of the value. */
export function slider(label: string, range: { min: number; max: number; step: number | 'any'; value: number }, spoken: (value: number) => string, act: () => void) {
  const id = `slider-${nextId++}`;
  const input = h('input', { id, type: 'range', min: range.min, max: range.max, step: range.step });
  input.value = String(range.value);
  const output = h('output', { for: id });
  const write = () => {
    output.textContent = spoken(Number(input.value));
    input.setAttribute('aria-valuetext', output.textContent);
  };
  write();
  input.addEventListener('input', () => {
    write();
    act();
  });
  return {
    row: h('div', { class: 'slider' }, h('label', { for: id }, label), input, output),
    get value() {
      return Number(input.value);
    },
    set value(to: number) {
      input.value = String(to);
      write();
    },
  };
}

export function svg(tag: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** The scales of a drawing of 600 by 300, with room for its axes. */
export const frame = { width: 600, height: 300, left: 44, right: 12, top: 14, bottom: 46 };

export function scales(x: [number, number], y: [number, number]) {
  const { width, height, left, right, top, bottom } = frame;
  return {
    x: (value: number) => left + ((value - x[0]) / (x[1] - x[0])) * (width - left - right),
    y: (value: number) => height - bottom - ((value - y[0]) / (y[1] - y[0])) * (height - top - bottom),
  };
}

export function axes(at: ReturnType<typeof scales>, xs: number[], ys: number[], xLabel: string, yLabel: string): SVGElement {
  const { width, height, left, right, bottom, top } = frame;
  return svg(
    'g',
    { class: 'axes' },
    ...ys.flatMap((y) => [
      svg('line', { x1: left, x2: width - right, y1: at.y(y), y2: at.y(y) }),
      svg('text', { x: left - 8, y: at.y(y) + 4, 'text-anchor': 'end' }, String(y)),
    ]),
    ...xs.map((x) => svg('text', { x: at.x(x), y: height - bottom + 18, 'text-anchor': 'middle' }, String(x))),
    svg('text', { x: width - right, y: height - 4, 'text-anchor': 'end' }, xLabel),
    svg('text', { x: left + 6, y: top + 4 }, yLabel),
  );
}

export const pathOf = (points: [number, number][]) => 'M' + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L');
