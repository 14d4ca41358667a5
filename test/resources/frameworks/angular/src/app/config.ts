import { HttpClient, provideHttpClient, withFetch } from '@angular/common/http';
import { type ApplicationConfig, inject, isDevMode, PLATFORM_ID, provideAppInitializer } from '@angular/core';
import { isPlatformBrowser } from '@angular/common';
import { provideClientHydration } from '@angular/platform-browser';
import { PreloadAllModules, provideRouter, withPreloading } from '@angular/router';
import { provideServiceWorker } from '@angular/service-worker';
import { environment } from './environment';

(globalThis as any).environment = environment;
export const config: ApplicationConfig = {
  providers: [
    provideHttpClient(withFetch()),
    provideClientHydration(),
    provideRouter(
      [
        { path: '', loadComponent: () => import('./home').then(({ Home }) => Home) },
        { path: 'pricing', loadComponent: () => import('./pricing').then(({ Pricing }) => Pricing) },
      ],
      withPreloading(PreloadAllModules),
    ),
    provideServiceWorker('ngsw-worker.js', { enabled: !isDevMode(), registrationStrategy: 'registerImmediately' }),
    provideAppInitializer(() => {
      const http = inject(HttpClient);
      if (!isPlatformBrowser(inject(PLATFORM_ID))) return;
      return new Promise<void>((resolve) => http.get('assets/config/app.json').subscribe((value) => { (globalThis as any).config = value; resolve(); }));
    }),
  ],
};
