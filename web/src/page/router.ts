// SPDX-License-Identifier: MIT
/** One view at a time, by the address's #: a section, or a heading within one. Without JavaScript all are there. */
import { byId } from './dom';

const views = [...document.querySelectorAll<HTMLElement>('main > .view')];
const listeners: ((view: string) => void)[] = [];
let current = '';

export const currentView = () => current;

export function onView(listener: (view: string) => void): void {
  listeners.push(listener);
}

function show(): void {
  const id = decodeURIComponent(location.hash.slice(1)) || 'list';
  const target = id === 'main' ? byId(current || 'list') : byId(id);
  const view = target?.closest<HTMLElement>('.view') ?? views[0];
  const isOther = current !== view.id;
  const isFirst = current === '';
  current = view.id;
  for (const each of views) each.hidden = each !== view;
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav a')) {
    if (link.hash === `#${view.id}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const title = view.querySelector('h1')?.textContent ?? '';
  document.title = view === views[0] ? 'microgpt: the lesson, live' : `${title} · microgpt`;
  if (isOther) for (const listener of listeners) listener(current);
  if (target && target !== view) target.scrollIntoView();
  else if (isOther && !isFirst) {
    scrollTo(0, 0);
    byId('main').focus({ preventScroll: true }); // a screen reader reads on from there
  }
}

export function startRouter(): void {
  addEventListener('hashchange', show);
  show();
}
