/** What the evidence needs of the world. */

/** What the site scan found of the tokens. Errors while scanning are findings, never silence. */
export interface SiteScanner {
  scan(
    site: { url: string; extraOrigins: readonly string[] },
    tokens: { superseded: string; current: string },
  ): Promise<SiteFinding>;
}

export interface SiteFinding {
  readonly url: string;
  /** `superseded`: still served somewhere. `current`: the current one and nowhere the superseded. `neither`, `error`: proves nothing. */
  readonly verdict: 'current' | 'superseded' | 'neither' | 'error';
  /** URL of the resource in which the deciding value was found. */
  readonly foundIn?: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** At most so many revocations per account and window, counted before the first destructive call. */
export interface RevocationCap {
  /** Takes one place in the account's current window; false when none is left. */
  reserve(account: string, max: number, tokenId: string): Promise<boolean>;
}
