// SPDX-License-Identifier: MIT
/** A model as the program's folder: to be downloaded as a zip, and opened again. */
import type { ModelFile } from '../module/messages';
import { MicrogptError } from '../module/microgpt';
import { byId, clearError, download, showError } from './dom';
import { count, plural } from './numbers';
import { session } from './session';
import { unzip, zipOf } from './zip';

export async function downloadModel(): Promise<void> {
  clearError('proof-error');
  try {
    download('model.zip', zipOf('model', await session.save()), 'application/zip');
  } catch (error) {
    showError('proof-error', error);
  }
}

async function read(files: File[]): Promise<{ name: string; files: ModelFile[] }> {
  const read = await Promise.all(files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })));
  if (read.length === 1 && /\.zip$/i.test(read[0].name)) return { name: read[0].name, files: await unzip(read[0].bytes) };
  return { name: files[0].webkitRelativePath.split('/')[0] || 'the folder', files: read };
}

async function open(list: File[]): Promise<void> {
  clearError('open-error');
  const status = byId('open-status');
  status.textContent = 'Opening …';
  try {
    const { name, files } = await read(list);
    await session.open(files, name);
    const { config, ngram_order } = session.model!;
    status.textContent = `${name} is open: width ${config.n_embd}, ${plural(config.n_layer, 'layer')}, ${count(session.model!.parameters)} parameters${ngram_order ? `, and a ${ngram_order}-gram` : ''}.`;
  } catch (error) {
    status.textContent = '';
    if (!(error instanceof MicrogptError && error.kind === 'stopped')) showError('open-error', error);
  }
}

export function startOpening(): void {
  for (const id of ['open-files', 'open-folder']) {
    byId<HTMLInputElement>(id).addEventListener('change', (event) => {
      const input = event.target as HTMLInputElement;
      const files = [...(input.files ?? [])];
      input.value = '';
      if (files.length > 0) void open(files);
    });
  }
}
