/** Buttons. Each calls a function with the permissions of whoever presses it: CloudWatch does so, and so does the local page. */

import { html, type Markup } from '../domain/html.ts';
import type { Token } from '../domain/model.ts';
import { DAY, HOUR, later } from '../domain/time.ts';
import { currentToken } from '../domain/tokens.ts';
import { exactly } from '../domain/when.ts';
import type { Frame, IntegrationView } from './view.ts';
import { shortId } from './when.ts';

export interface Button {
  readonly text: string;
  /** What a screen reader says instead, where several buttons have the same text. */
  readonly label?: string;
  readonly primary?: boolean;
}

/** Shows another page of the console in the place of this one. */
export const goTo = ({ endpoints }: Frame, button: Button, parameters: object): Markup =>
  html`${pressable(button)}<cwdb-action action="call" display="widget" endpoint="${endpoints.console}">${JSON.stringify(parameters)}</cwdb-action>`;

/** Changes something, once somebody has confirmed it. The answer is shown above the page. */
function change(frame: Frame, button: Button, request: Readonly<Record<string, unknown>>, question: string): Markup {
  const { endpoints, renderId } = frame;
  const named = [request.action ?? 'rotate', request.tokenId, request.until].filter(Boolean).join('-');
  const payload = { ...request, requestedBy: 'the CloudWatch console', requestId: `console-${renderId}-${named}` };
  return html`${pressable(button)}<cwdb-action action="call" display="popup" endpoint="${endpoints.rotate}" confirmation="${question}">${JSON.stringify(payload)}</cwdb-action>`;
}

/** Not a link without an address, as in AWS's examples: the keyboard does not reach one. */
const pressable = ({ text, label, primary }: Button): Markup =>
  html`<button type="button" class="btn ${primary && 'btn-primary'} pw-button"${label ? html` aria-label="${label}"` : ''}>${text}</button>`;

const PAUSES = [
  [HOUR, '1 hour'],
  [DAY, '1 day'],
  [7 * DAY, '1 week'],
] as const;

/** What may be done with the integration as a whole. */
export function actionsOf(frame: Frame, { config, state }: IntegrationView): Markup {
  if (!config.managed) return html``;
  const integration = config.name;
  const rotate = change(
    frame,
    { text: 'Rotate now', primary: true },
    { integration, action: 'rotate', reason: 'asked for in the console' },
    `Mint a fresh token for ${integration} and publish it? The current one stays valid for its grace window.`,
  );
  const again = change(
    frame,
    { text: 'Look again now' },
    { integration, action: 'reconcile' },
    `Ask Paddle about every token of ${integration}, and gather the evidence again?`,
  );
  const resume = change(
    frame,
    { text: 'Resume', primary: true },
    { integration, action: 'resume' },
    `End the pause of ${integration}? What fell due meanwhile is done now.`,
  );
  const pauses = PAUSES.map(([ms, words]) => {
    const until = `${later(frame.now, ms).slice(0, 17)}00.000Z`;
    const question = `Mint, publish and revoke nothing for ${integration} until ${exactly(until)}?`;
    const request = { integration, action: 'pause', until, reason: 'paused in the console' };
    return change(frame, { text: `Pause ${words}` }, request, question);
  });
  return html`<div class="pw-actions">${state.pause ? resume : [rotate, again, ...pauses]}</div>`;
}

/** What may be done with one token. */
export function tokenActions(frame: Frame, { config, state }: IntegrationView, token: Token): Markup | undefined {
  if (!config.managed || token.status === 'revoked') return undefined;
  const [integration, tokenId, name] = [config.name, token.id, shortId(token.id)];
  const doomed = token.emergency !== undefined || token.status === 'revoking';
  const rollBack =
    token.status === 'superseded' &&
    !doomed &&
    !state.rotation &&
    !state.pause &&
    change(
      frame,
      { text: 'Roll back', label: `Roll back to ${name}` },
      { integration, action: 'rollback', tokenId, reason: 'asked for in the console' },
      `Publish ${name} again, so that it is current? ${shortId(currentToken(state)?.id ?? '')} then runs out instead.`,
    );
  const hold = change(
    frame,
    { text: 'Hold', label: `Hold ${name}` },
    { integration, action: 'hold', tokenId, reason: 'held in the console' },
    `Keep ${name} alive until somebody releases it, whatever the evidence says?`,
  );
  const release = change(
    frame,
    { text: 'Release', label: `Release ${name}` },
    { integration, action: 'release', tokenId },
    `Release ${name}? Its evidence decides again, and it may be revoked for ever.`,
  );
  return html`${rollBack}${token.manualHold ? release : hold}`;
}
