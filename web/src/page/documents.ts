// SPDX-License-Identifier: MIT
/** The list that is chosen or typed: what trains, and what the textarea shows of it. */
import { bytesOf } from '../module/microgpt';
import { byId, clearError, download, h, showError } from './dom';
import { listOf, lists } from './lists';
import { count } from './numbers';
import { currentView } from './router';
import type { Documents } from './session';

export const usualList = 'names';

const most = 60_000; // bytes that the textarea holds without delay; of more it shows the beginning
const shownLines = 12;
const ownKey = 'own-list';
const isOwnKey = 'own-list-is-chosen';

interface Chosen {
  id: string; // of a list, or own, or file
  documents: Documents | undefined; // unless they are the textarea's, or not fetched yet
}

const area = byId<HTMLTextAreaElement>('list-text');
const note = byId('list-note');
const edit = byId<HTMLButtonElement>('list-edit');

let chosen: Chosen = { id: usualList, documents: undefined };
let own = '';
let changed = (): void => {};
let turn = 0; // of choosing: the last one counts

/** The id of the chosen list; own and file are the visitor's. */
export const chosenList = () => chosen.id;

/** What is to be trained on. */
export async function documents(): Promise<Documents> {
  await loading;
  const { id } = chosen;
  const list = listOf(id);
  if (!chosen.documents && list) {
    const fetched = { name: `${id}.txt`, bytes: await list.bytes() };
    if (chosen.id === id) chosen.documents = fetched;
    return fetched;
  }
  if (chosen.documents) return chosen.documents;
  return { name: 'your list', bytes: bytesOf(area.value) };
}

/** The name of a file that has the documents, for the program. */
export const fileName = () => (chosen.id === 'names' ? 'data/names.txt' : chosen.id === 'file' ? (chosen.documents?.name ?? 'list.txt') : `${chosen.id === 'own' ? 'list' : chosen.id}.txt`);

let loading: Promise<void> = Promise.resolve();

async function choose(id: string): Promise<void> {
  const mine = ++turn;
  keepChoice(id === 'own');
  if (id === 'own') {
    chosen = { id, documents: undefined };
    showText(own, 'Nothing that you type leaves this page.');
    return;
  }
  const list = listOf(id)!;
  chosen = { id, documents: undefined };
  clearError('error');
  if (list.beginning) {
    showBeginning(list.beginning, list.about);
    return;
  }
  const bytes = await list.bytes();
  if (mine === turn) showBytes(bytes, list.about);
}

function showBytes(bytes: Uint8Array, about: string): void {
  if (bytes.length <= most) showText(new TextDecoder().decode(bytes), about);
  else showBeginning(new TextDecoder().decode(bytes.subarray(0, 4000)).split('\n').slice(0, shownLines), about);
}

/** Of a long list: behind what may be typed. */
function showBeginning(lines: string[], about: string): void {
  showText('', `${about} Type or paste here to take your own.`);
  area.placeholder = [...lines, '…'].join('\n');
  edit.hidden = false;
}

function showText(text: string, about: string): void {
  area.value = text;
  area.placeholder = '';
  edit.hidden = true;
  note.textContent = about;
}

/** Chooses a list. */
export function select(id: string): void {
  const radio = document.querySelector<HTMLInputElement>(`#lists input[value="${CSS.escape(id)}"]`);
  if (!radio) {
    select(usualList);
    showError('error', `there is no list “${id}”; here are ${lists.map((list) => list.id).join(', ')}`);
    return;
  }
  radio.checked = true;
  loading = choose(id);
}

/** For a page that is loaded again: the address does not say that the list is the visitor's own. */
function keepChoice(isOwn: boolean): void {
  try {
    if (isOwn) sessionStorage.setItem(isOwnKey, '1');
    else sessionStorage.removeItem(isOwnKey);
  } catch {} // a browser that keeps nothing
}

function becomeOwn(): void {
  keepChoice(true);
  chosen = { id: 'own', documents: undefined };
  document.querySelector<HTMLInputElement>('#lists input[value=own]')!.checked = true;
}

/** Takes a file as it is: what it has is the library's to judge. */
export async function takeFile(file: File): Promise<void> {
  const mine = ++turn;
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (mine !== turn) return;
  takeBytes(bytes, file.name);
}

export function takeBytes(bytes: Uint8Array, name: string): void {
  chosen = { id: 'file', documents: { name, bytes } };
  for (const radio of document.querySelectorAll<HTMLInputElement>('#lists input')) radio.checked = false;
  clearError('error');
  showBytes(bytes, `${name}, ${count(bytes.length)} bytes. It stays in this page.`);
  changed();
}

function keepOwn(): void {
  own = area.value;
  try {
    sessionStorage.setItem(ownKey, own.length < 1e6 ? own : '');
  } catch {} // a browser that keeps nothing
}

/** Begins with the list `first`, unless it is only the usual one and the visitor had an own one. */
export function startDocuments(first: string, isNamed: boolean, onChange: () => void): void {
  changed = onChange;
  try {
    own = sessionStorage.getItem(ownKey) ?? '';
    if (!isNamed && sessionStorage.getItem(isOwnKey)) first = 'own';
  } catch {}
  const radio = (id: string, label: string) =>
    h('label', {}, h('input', { type: 'radio', name: 'list', value: id, change: () => (select(id), changed()) }), h('span', {}, label));
  byId('lists').append(radio('own', 'my own'), ...lists.map(({ id, label }) => radio(id, label)));
  area.addEventListener('input', () => {
    if (chosen.id !== 'own') {
      becomeOwn();
      area.placeholder = '';
      edit.hidden = true;
    }
    note.textContent = 'Nothing that you type leaves this page.';
    keepOwn();
    changed();
  });
  // A long text would hold the page up in a textarea.
  area.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text.length < most) return;
    event.preventDefault();
    takeBytes(bytesOf(text), 'pasted text');
  });
  const withDocuments = (act: (given: Documents) => void) => () => void documents().then(act, (error) => showError('error', error));
  edit.addEventListener(
    'click',
    withDocuments(({ bytes }) => {
      becomeOwn();
      showText(new TextDecoder().decode(bytes), 'Nothing that you type leaves this page.');
      keepOwn();
      changed();
      area.focus();
    }),
  );
  byId('list-save').addEventListener('click', withDocuments(({ bytes }) => download(fileName().replace(/.*\//, ''), bytes, 'text/plain')));
  byId<HTMLInputElement>('list-file').addEventListener('change', (event) => {
    const input = event.target as HTMLInputElement;
    if (input.files?.[0]) void takeFile(input.files[0]);
    input.value = '';
  });
  acceptDrops();
  select(first);
}

/** A file may be dropped anywhere: elsewhere than here the browser would leave the page for it. */
function acceptDrops(): void {
  const form = byId('list-form');
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    form.classList.add('over');
  });
  document.addEventListener('dragleave', (event) => event.relatedTarget === null && form.classList.remove('over'));
  document.addEventListener('drop', (event) => {
    form.classList.remove('over');
    if (event.defaultPrevented || !hasFiles(event)) return;
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file && currentView() === 'list') void takeFile(file);
  });
}
