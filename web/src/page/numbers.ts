// SPDX-License-Identifier: MIT
/** How numbers are written. */
import { type Loss, lossNumber } from '../module/messages';

const whole = new Intl.NumberFormat('en-US');
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

export const count = (value: number) => whole.format(value);

export const plural = (value: number, one: string, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

export function fixed(value: Loss, digits = 4): string {
  const number = lossNumber(value);
  if (Number.isNaN(number)) return 'no number';
  if (!Number.isFinite(number)) return number < 0 ? '−∞' : '∞';
  // Thousands are kept apart, as in large perplexities.
  const text = Math.abs(number) < 1000 || Math.abs(number) >= 1e15 ? number.toFixed(digits) : number.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return text.replace('-', '−');
}

/** A probability: four digits, or a power of ten. */
export function probability(value: number): string {
  if (value === 0) return '0';
  if (value >= 0.001) return value.toFixed(4);
  let exponent = Math.floor(Math.log10(value));
  let factor = value / 10 ** exponent;
  if (factor >= 9.995) [factor, exponent] = [1, exponent + 1];
  const power = String(-exponent).replace(/\d/g, (digit) => superscripts[+digit]);
  return `${factor.toFixed(2)}·10⁻${power}`;
}

/** 1 in n. */
export function odds(value: number): string {
  if (value === 0) return 'never';
  const n = 1 / value;
  if (n < 10) return `1 in ${n.toFixed(1).replace(/\.0$/, '')}`;
  return n < 1e7 ? `1 in ${count(Math.round(n))}` : `1 in ${n.toExponential(1).replace(/e\+(\d+)/, (_, e: string) => `·10${e.replace(/\d/g, (d) => superscripts[+d])}`)}`;
}

export const percent = (value: number) => `${(100 * value).toFixed(value >= 0.0995 || value === 0 ? 0 : value >= 0.01 ? 1 : 2)} %`;

/** How a token is shown: BOS as an end, a space visibly. */
export function shown(token: string, isTarget = true): string {
  if (token === 'BOS') return isTarget ? 'end' : 'start';
  if (token === ' ') return '␣';
  if (token === '\n') return '⏎';
  return token === '\t' ? '⇥' : token;
}

/** How a token is spoken of. */
export function named(token: string): string {
  return token === 'BOS' ? 'the end' : token === ' ' ? 'a space' : token === '\n' ? 'a line’s end' : `“${token}”`;
}
