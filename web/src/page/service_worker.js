// SPDX-License-Identifier: MIT
// Keeps the page's own files, so that the page works offline after the first visit. The build fills in the version and files.
const cacheName = 'microgpt-' + 'VERSION';
const files = ['FILES'];

addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(files))
      .then(() => skipWaiting()),
  );
});

addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('microgpt-') && name !== cacheName).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

// The page names large files when it has used them: they come from the browser's own cache then.
addEventListener('message', ({ data }) => {
  caches.open(cacheName).then(async (cache) => {
    for (const url of data.keep ?? []) if (!(await cache.match(url))) await cache.add(url).catch(() => {});
  });
});

addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return;
  event.respondWith(
    caches.open(cacheName).then(async (cache) => {
      // The settings in the address do not make another page.
      const kept = await cache.match(request, { ignoreSearch: request.mode === 'navigate' });
      return kept ?? fetch(request);
    }),
  );
});
