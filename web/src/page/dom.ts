// SPDX-License-Identifier: MIT
/** A little help with the DOM. Text always goes in as text, never as HTML. */
import { MicrogptError } from '../module/microgpt';

type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, string | number | boolean | undefined | ((event: any) => void)>;

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** An element: functions become listeners, true an empty attribute, false and undefined none. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...present(children));
  return element;
}

const present = (children: Child[]) =>
  children.filter((child): child is Node | string | number => child !== null && child !== undefined && child !== false).map((child) => (typeof child === 'number' ? String(child) : child));

export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...present(children));
}

/** A table's head and body; the first cell of a row is its heading. */
export function fillTable(table: HTMLElement, head: Child[], rows: Child[][]): void {
  fill(
    table,
    h('thead', {}, h('tr', {}, ...head.map((cell) => h('th', { scope: 'col' }, cell)))),
    h('tbody', {}, ...rows.map(([first, ...others]) => h('tr', {}, h('th', { scope: 'row' }, first), ...others.map((cell) => h('td', {}, cell))))),
  );
}

/** Some offers beside an error: a button's text and what it does. */
export type Offer = [label: string, act: () => void];

export function showError(id: string, error: unknown, ...offers: Offer[]): void {
  const message = error instanceof MicrogptError || error instanceof Error ? error.message : String(error);
  const host = byId(id);
  const buttons = offers.map(([label, act]) =>
    h('button', { type: 'button', click: () => (clearError(id), act()) }, label),
  );
  fill(host, h('p', {}, sentence(plain(message))), buttons.length > 0 && h('p', { class: 'row' }, ...buttons));
}

export function clearError(id: string): void {
  fill(byId(id));
}

/** The library speaks of the program's flags and of documents; here settings are given as name=value, and documents are lines. */
function plain(text: string): string {
  const few = /none of its ([12]) documents? falls|has no documents/.exec(text);
  if (few) return `Too few lines: ${few[1] ?? 0}. Give at least three, better a hundred.`;
  return text
    .replace(/convert (?:the file|it) to UTF-8.*--invalid replace.*/s, 'convert it to UTF-8, or replace what is not')
    .replace(/;[^;]*microgpt [^;]*--resume.*/s, '')
    .replace(/--([a-z][\w-]*)( [\d.]+)?/g, (_, flag: string, value?: string) => flag.replaceAll('-', '_') + (value ? `=${value.trim()}` : ''));
}

/** With a capital, and a full stop. Names such as n_embd and list.txt stay as they are. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const first = /^[a-z]+[ ,:;]/.test(trimmed) ? trimmed[0].toUpperCase() + trimmed.slice(1) : trimmed;
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** In a status: a screen reader hears a result, and not each step on the way to it. */
export function say(status: HTMLElement, text: string, isOnTheWay = false): void {
  status.setAttribute('aria-live', isOnTheWay ? 'off' : 'polite');
  status.textContent = text;
}

/** At most so often, and at a time when the page is drawn; the last call counts. */
export function throttled(milliseconds: number, act: () => void): () => void {
  let last = 0;
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    setTimeout(
      () =>
        requestAnimationFrame(() => {
          waits = false;
          last = performance.now();
          act();
        }),
      Math.max(0, last + milliseconds - performance.now()),
    );
  };
}

/** In a task of its own, when the browser has time. */
export function whenIdle(act: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(act, { timeout: 1000 });
  else setTimeout(act, 50);
}

/** When nothing more was asked for during some milliseconds. */
export function debounced(milliseconds: number, act: () => void): () => void {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(act, milliseconds);
  };
}

export function download(name: string, bytes: Uint8Array | string, type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(new Blob([bytes as BlobPart], { type }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { style: 'position:fixed;opacity:0' });
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  }
}
