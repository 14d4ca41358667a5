import { manifest, version } from '@parcel/service-worker';

self.addEventListener('install', (event) => event.waitUntil(caches.open(version).then((cache) => cache.addAll(manifest))));
self.token = '%TOKEN_service-worker%';
