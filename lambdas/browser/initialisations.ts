/** What Paddle.js was told, frame by frame, as verdicts: a token is compared here and goes no further. */
import type { Initialisation, Misconfiguration } from '../evidence/sites/observation.ts';
import { environmentOf, faultOf } from '../evidence/sites/paddle-settings.ts';
import type { Tokens } from '../evidence/sites/token-search.ts';
import type { PaddleCall } from './paddle-hook.ts';

export class Initialisations {
  readonly #tokens: Tokens;
  readonly #environments = new Map<string, Initialisation['environment']>();
  readonly list: Initialisation[] = [];
  readonly faults: Misconfiguration[] = [];

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  hear(call: PaddleCall, frame: string): void {
    if (call.call === 'environment') {
      this.#environments.set(frame, call.value === 'sandbox' ? 'sandbox' : 'production');
      return;
    }
    if (this.list.length >= 20) return;
    const token = this.#which(call.token);
    const environment = this.#environments.get(frame) ?? 'production';
    this.list.push({ token, environment, frame });
    if (token === 'third' || token === 'empty' || token === 'placeholder' || token === 'malformed') {
      this.faults.push({ code: `${token}_token`, url: frame, certainty: 'certain' });
    } else if (environmentOf(call.token) !== environment) {
      this.faults.push({ code: 'wrong_environment', url: frame, certainty: 'certain' });
    }
  }

  #which(token: string): Initialisation['token'] {
    const { superseded, alsoGone = [] } = this.#tokens;
    if (token !== '' && (token === superseded || alsoGone.includes(token))) return 'superseded';
    if (token === this.#tokens.current) return 'current';
    // Without a control nobody can tell a third token from the current one.
    if (this.#tokens.current === undefined && !faultOf(token)) return 'current';
    return faultOf(token) ?? 'third';
  }
}
