/** What the evidence needs of the world. */

/** At most so many revocations per account and window, counted before the first destructive call. */
export interface RevocationCap {
  /** Takes one place in the account's current window; false when none is left. */
  reserve(account: string, max: number, tokenId: string): Promise<boolean>;
}
