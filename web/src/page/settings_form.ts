// SPDX-License-Identifier: MIT
/** The form of the settings, and the address beside it. */
import { byId } from './dom';
import { chosenList, usualList } from './documents';
import { type Asked, askedOf, putInAddress, type State } from './state';

const form = byId<HTMLFormElement>('list-form');
const names = ['num_steps', 'seconds', 'seed', 'n_embd', 'n_layer', 'block_size', 'batch_size', 'preset', 'kind'];
const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;

/** What the form asks for. */
export function asked(): Asked {
  const entries = names.map((name): [string, string] => [name, field(name).value.trim()]);
  for (const word of field('more').value.split(/\s+/)) {
    if (word === '') continue;
    const [name, ...value] = word.replace(/^--/, '').split('=');
    entries.push([name, value.join('=') || 'true']);
  }
  return askedOf(entries);
}

export const state = (): State => ({ list: chosenList() === 'file' ? 'own' : chosenList(), ...asked() });

export const updateAddress = (): void => putInAddress(state(), usualList);

export function startSettings(first: State): void {
  const { settings, list: _, ...others } = first;
  const more: string[] = [];
  for (const [name, value] of Object.entries({ ...settings, ...others })) {
    const text = String(value);
    if (!names.includes(name)) more.push(`${name}=${text}`);
    else field(name).value = text;
    // A word that a choice does not have is the library's to refuse.
    if (names.includes(name) && field(name).value !== text) {
      (field(name) as HTMLSelectElement).append(new Option(text));
      field(name).value = text;
    }
  }
  field('more').value = more.join(' ');
  const isSet = Object.keys(settings).length > 0 || Object.keys(others).length > 0;
  byId<HTMLDetailsElement>('advanced').open = isSet;
  byId('advanced').addEventListener('input', updateAddress);
}
