import { build, files, version } from '$service-worker';

self.addEventListener('install', (event) =>
  event.waitUntil(caches.open(version).then((cache) => cache.addAll([...build, ...files]))),
);
self.token = '%TOKEN_service-worker%';
