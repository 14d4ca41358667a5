/** The state is one item of the ledger, and one that is too large could not be written at all: nothing would be healed any more. */
import type { IntegrationState, Token } from '../domain/model.ts';

/** Of 400 KB; the rest is for all that is not about tokens on their way out. */
const MOST_BYTES = 250_000;
/** So few cannot be too much, whatever is said of them. */
const MEASURED_FROM = 20;
const SHORTEST_BYTES = 120;

/**
 * Shortens the texts about tokens when there are too many of them: why one is held, and what people have said. Nothing else
 * changes, and the audit trail has every text in full.
 */
export function fitting(state: IntegrationState): IntegrationState {
  if (state.tokens.length < MEASURED_FROM || bytesOf(state.tokens) <= MOST_BYTES) return state;
  return { ...state, tokens: state.tokens.map(shortened) };
}

function shortened(token: Token): Token {
  const { hold, manualHold, emergency } = token;
  return {
    ...token,
    ...(hold && { hold: { ...hold, message: short(hold.message) } }),
    ...(manualHold && { manualHold: { ...manualHold, ...shortWord(manualHold) } }),
    ...(emergency && { emergency: { ...emergency, ...shortWord(emergency) } }),
  };
}

const shortWord = ({ reason, requestedBy }: { readonly reason: string; readonly requestedBy?: string }) => ({
  reason: short(reason),
  ...(requestedBy === undefined ? {} : { requestedBy: short(requestedBy) }),
});

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

function short(text: string): string {
  if (Buffer.byteLength(text) <= SHORTEST_BYTES) return text;
  // A character that is cut in two ends as one that nobody knows.
  return `${Buffer.from(text)
    .subarray(0, SHORTEST_BYTES)
    .toString()
    .replace(/\ufffd+$/, '')}…`;
}
