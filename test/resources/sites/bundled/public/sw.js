importScripts('sw-helper.js');
const PRECACHE = [{ url: 'precached.js', revision: '1' }, { url: 'offline.html', revision: '1' }];
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open('v1').then((cache) => cache.addAll(PRECACHE.map(({ url }) => url))));
});
