// SPDX-License-Identifier: MIT
/**
 * The settings, the seed and the chosen list in the address: ?list=names&num_steps=200&seed=1. What the visitor typed as a
 * list is never there.
 */
import type { Settings } from '../module/messages';

/** What the visitor asked for; what is absent fits the list. */
export interface Asked {
  settings: Settings;
  preset?: 'microgpt' | 'small' | 'best';
  seconds?: number;
  kind?: 'lines' | 'text' | 'tail';
}

export interface State extends Asked {
  list: string;
}

// Words of the address that are no settings.
const ours = ['list', 'preset', 'seconds', 'kind', 'train', 'compatible'];
const foreign = /^(utm_|fbclid|gclid)/; // what others append to links

const query = new URLSearchParams(location.search);
export const trainsAtOnce = query.get('train') === '1';
/** Whether the address names a list. */
export const namesList = query.has('list');
export const forceCompatible = query.get('compatible') === '1';

/** true, false, a number or a word. */
export function valueOf(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

export function askedOf(entries: Iterable<[string, string]>): Asked {
  const asked: Asked = { settings: {} };
  for (const [name, text] of entries) {
    if (text === '') continue;
    if (name === 'preset') asked.preset = text as NonNullable<Asked['preset']>;
    else if (name === 'seconds') asked.seconds = valueOf(text) as number; // what is no number is the library's to refuse
    else if (name === 'kind' || name === 'split') asked.kind = text as NonNullable<Asked['kind']>;
    else if (!ours.includes(name) && !foreign.test(name)) asked.settings[name.replaceAll('-', '_')] = valueOf(text);
  }
  return asked;
}

export function initialState(usualList: string): State {
  return { list: query.get('list') ?? usualList, ...askedOf(query) };
}

export function searchOf(state: State, usualList: string): string {
  const words = new URLSearchParams();
  if (state.list !== usualList && state.list !== 'own') words.set('list', state.list);
  for (const name of ['preset', 'seconds', 'kind'] as const) if (state[name] !== undefined) words.set(name, String(state[name]));
  for (const [name, value] of Object.entries(state.settings)) words.set(name, String(value));
  if (forceCompatible) words.set('compatible', '1');
  return words.size > 0 ? `?${words}` : location.pathname;
}

export function putInAddress(state: State, usualList: string): void {
  history.replaceState(history.state, '', searchOf(state, usualList) + location.hash);
}

export function linkOf(state: State): string {
  const url = new URL(searchOf(state, ''), location.href); // the usual list, too, is named
  url.hash = 'list';
  return url.href;
}

/** The flags that ask the program for the same. */
export function flagsOf(asked: Asked, steps: number | undefined, invalid?: string): string[] {
  const flags: string[] = [];
  if (asked.kind) flags.push(`--split ${asked.kind}`);
  if (invalid) flags.push(`--invalid ${invalid}`);
  if (asked.preset) flags.push(`--preset ${asked.preset}`);
  // The seconds of another machine would be other steps.
  if (asked.seconds !== undefined && steps !== undefined) flags.push(`--num-steps ${steps}`);
  for (const [name, value] of Object.entries(asked.settings)) {
    const flag = name.replaceAll('_', '-');
    if (value === true) flags.push(`--${flag}`);
    else if (value === false) flags.push(`--no-${flag}`);
    else if (value !== null) flags.push(`--${flag} ${value}`);
  }
  return flags;
}
