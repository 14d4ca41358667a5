/** After the last suite: nothing is left running. */
export default async function tearDown(): Promise<void> {
  await (globalThis as { stopPaddlewheelE2e?: () => Promise<unknown> }).stopPaddlewheelE2e?.();
}
