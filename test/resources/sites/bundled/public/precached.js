window.precached = '%TOKEN_service-worker-precache%';
