// SPDX-License-Identifier: MIT
/** Light or dark: the system's, until the visitor chooses. index.html sets a choice of before ahead of the first paint. */
import { byId } from './dom';

const root = document.documentElement;
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const listeners: (() => void)[] = [];

/** Colours of CSS are read again then. */
export function onTheme(listener: () => void): void {
  listeners.push(listener);
}

export const colour = (name: string) => getComputedStyle(root).getPropertyValue(name).trim();

export function startTheme(): void {
  byId('theme').addEventListener('click', () => {
    const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : systemDark.matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
    try {
      localStorage.setItem('theme', root.dataset.theme);
    } catch {} // a browser that keeps nothing
    for (const listener of listeners) listener();
  });
  systemDark.addEventListener('change', () => listeners.forEach((listener) => listener()));
}
