import { HttpClient } from '@angular/common/http';
import { afterNextRender, Component, inject, makeStateKey, TransferState } from '@angular/core';
import { Buy } from './buy';

const KEY = makeStateKey<string>('paddle');

@Component({
  selector: 'app-home',
  imports: [Buy],
  template: `<p data-token="%TOKEN_route-component%">Shop</p>
    @defer (on timer(100ms)) { <app-buy /> } @placeholder { <i>…</i> }`,
})
export class Home {
  constructor() {
    const http = inject(HttpClient);
    const state = inject(TransferState);
    if (typeof window === 'undefined') state.set(KEY, '%TOKEN_state-key%');
    afterNextRender(() => {
      http.get('/api/late').subscribe((value) => Object.assign(globalThis, { late: value, state: state.get(KEY, '') }));
      new Worker(new URL('./worker', import.meta.url), { type: 'module' });
    });
  }
}
