// SPDX-License-Identifier: MIT
/** node serve.mjs FOLDER [PORT]: serves a folder on the loopback, for whoever sits at this machine. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** {page: FOLDER} serves FOLDER/x as /page/x, and {'': FOLDER} as /x. */
export async function serve(folders, port = 0) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const [, first, ...rest] = path.split('/');
    const file = first in folders ? join(folders[first], ...rest) : join(folders[''] ?? '/nowhere', path);
    try {
      const name = path.endsWith('/') ? join(file, 'index.html') : file;
      const body = await readFile(name);
      response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, port = '8000'] = process.argv.slice(2);
  try {
    const { url } = await serve({ '': folder }, Number(port));
    console.log(`microgpt is at ${url}/ until you press Ctrl-C`);
  } catch (error) {
    console.error(error.code === 'EADDRINUSE' ? `port ${port} is in use: name another one, ./run web PORT` : error.message);
    process.exitCode = 1;
  }
}
