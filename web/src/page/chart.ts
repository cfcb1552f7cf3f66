// SPDX-License-Identifier: MIT
/** Curves of losses over steps. uPlot is loaded when the first one is drawn. */
import type uPlot from 'uplot';

import { fill, h, throttled } from './dom';
import { fixed } from './numbers';
import { colour, onTheme } from './theme';

export type Point = [step: number, loss: number];

export interface Series {
  label: string;
  points: Point[];
  look: 'thin' | 'thick' | 'dashed' | 'dotted' | 'second';
  /** Many noisy points: drawn as means of neighbours. */
  isNoisy?: boolean;
}

const looks: Record<Series['look'], { colour: string; width: number; dash?: number[] }> = {
  thin: { colour: '--muted', width: 1 },
  thick: { colour: '--accent', width: 2.5 },
  second: { colour: '--ink', width: 2.5, dash: [10, 4] },
  dashed: { colour: '--ink', width: 1.5, dash: [6, 4] },
  dotted: { colour: '--ink', width: 1.5, dash: [1.5, 4] },
};

const most = 400; // points of a series; more cannot be told apart

/** The library of plots, which the first view does not need. */
export async function loadPlots(): Promise<typeof uPlot> {
  return (await import('uplot')).default;
}

/** Means of neighbours, so that there are at most `limit` points. */
export function thinned(points: Point[], limit = most): Point[] {
  if (points.length <= limit) return points;
  const each = Math.ceil(points.length / limit);
  const out: Point[] = [];
  for (let i = 0; i < points.length; i += each) {
    const part = points.slice(i, i + each);
    out.push([part[part.length - 1][0], part.reduce((sum, [, loss]) => sum + loss, 0) / part.length]);
  }
  return out;
}

/** What is the same at all steps. */
export const level = (label: string, loss: number, last: number, look: Series['look']): Series => ({ label, points: [[0, loss], [last, loss]], look });

export class Curve {
  private plot: uPlot | undefined;
  private series: Series[] = [];
  private ring: Point | undefined;
  private unit = '';
  private shape = '';
  private pointed: number | undefined;
  private library: typeof uPlot | undefined;
  private readonly draw = throttled(100, () => void this.drawNow());

  constructor(
    private readonly host: HTMLElement,
    private readonly legend: HTMLElement,
  ) {
    host.setAttribute('role', 'img');
    new ResizeObserver(() => this.plot && this.plot.width !== host.clientWidth && this.plot.setSize(this.size())).observe(host);
    onTheme(() => {
      this.shape = '';
      this.draw();
    });
  }

  /** The ring marks the kept step. `mean` is the setting loss_mean: which mean of the losses is drawn. */
  show(series: Series[], ring?: Point, mean: unknown = 'token'): void {
    this.series = series;
    this.ring = ring;
    this.unit = mean === 'document' ? 'nats per token, mean over documents' : 'nats per token';
    this.draw();
  }

  private size() {
    const width = this.host.clientWidth;
    return { width, height: Math.round(Math.min(420, Math.max(240, width * 0.55))) };
  }

  private async drawNow(): Promise<void> {
    if (this.series.length === 0 || this.host.clientWidth === 0) return;
    if (!this.library) {
      this.library = await loadPlots();
      // What was parsed and what is drawn are two tasks.
      await new Promise((resolve) => setTimeout(resolve));
    }
    const series = this.series.map((each) => (each.isNoisy ? { ...each, points: thinned(each.points) } : each));
    const data = aligned(series);
    const shape = series.map(({ label, look }) => `${label} ${look}`).join() + this.unit;
    if (this.plot && shape === this.shape) {
      this.plot.setData(data);
    } else {
      this.plot?.destroy();
      this.plot = new this.library(this.options(series), data, this.host);
      this.shape = shape;
    }
    this.describe(series);
  }

  /** The legend has the last losses, or those at the step that is pointed at. */
  private point(step: number | undefined): void {
    if (step === this.pointed) return;
    this.pointed = step;
    this.legendOf(this.series);
  }

  private describe(series: Series[]): void {
    const last = series.map(({ label, points }) => `${label} ${points.length > 0 ? fixed(points[points.length - 1][1], 3) : '–'}`);
    this.host.setAttribute('aria-label', `Losses in ${this.unit}, over steps. Now: ${last.join(', ')}.`);
    this.legendOf(series);
  }

  private legendOf(series: Series[]): void {
    const { pointed } = this;
    const loss = (points: Point[]) => (pointed === undefined ? points : points.filter(([step]) => step <= pointed)).at(-1)?.[1];
    fill(
      this.legend,
      pointed !== undefined && h('span', { class: 'key' }, 'at step ', h('b', {}, pointed)),
      ...series.map(({ label, look, points }) => {
        const at = loss(points);
        return h('span', { class: 'key' }, h('i', { class: `line ${look}` }), `${label} `, h('b', {}, at === undefined ? '' : fixed(at, 3)));
      }),
      this.ring && h('span', { class: 'key' }, h('i', { class: 'ring' }), 'kept, step ', h('b', {}, this.ring[0])),
    );
  }

  private options(series: Series[]): uPlot.Options {
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--rule'), width: 1 }, ticks: { stroke: colour('--rule'), width: 1 }, font: '13px system-ui, sans-serif', labelFont: '13px system-ui, sans-serif', labelSize: 20 };
    return {
      ...this.size(),
      padding: [12, 14, 0, 0], // room for the ring
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.max(0, low - 0.05 * (high - low) - 0.02), high + 0.05 * (high - low) + 0.02] } },
      axes: [{ ...axis, size: 34, label: 'steps' }, { ...axis, size: 40, label: this.unit, values: (_, ticks) => ticks.map((tick) => tick.toFixed(1)) }],
      series: [
        {},
        ...series.map(({ label, look, points }) => ({
          label,
          stroke: colour(looks[look].colour),
          width: looks[look].width,
          ...(looks[look].dash && { dash: looks[look].dash }),
          spanGaps: true,
          points: { show: look === 'thick' && points.length < 60, size: 5 },
        })),
      ],
      hooks: { draw: [(plot) => this.drawRing(plot)], setCursor: [({ cursor, data }) => this.point(cursor.idx === null || cursor.idx === undefined || cursor.left! < 0 ? undefined : data[0][cursor.idx])] },
    };
  }

  private drawRing(plot: uPlot): void {
    if (!this.ring) return;
    const ratio = devicePixelRatio;
    const { ctx } = plot;
    ctx.save();
    ctx.setLineDash([]); // that of the last series is still set
    ctx.beginPath();
    ctx.arc(plot.valToPos(this.ring[0], 'x', true), plot.valToPos(this.ring[1], 'y', true), 7 * ratio, 0, 2 * Math.PI);
    ctx.strokeStyle = colour('--accent');
    ctx.lineWidth = 2.5 * ratio;
    ctx.stroke();
    ctx.restore();
  }
}

/** One axis of steps for all series, as uPlot wants it. */
function aligned(series: Series[]): uPlot.AlignedData {
  const steps = [...new Set(series.flatMap(({ points }) => points.map(([step]) => step)))].sort((a, b) => a - b);
  const at = new Map(steps.map((step, i) => [step, i]));
  return [
    steps,
    ...series.map(({ points }) => {
      const values: (number | null)[] = Array(steps.length).fill(null);
      for (const [step, loss] of points) values[at.get(step)!] = loss;
      return values;
    }),
  ] as uPlot.AlignedData;
}
