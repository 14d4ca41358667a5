/**
 * What Lambda takes and gives in one invocation. https://docs.aws.amazon.com/lambda/latest/dg/API_Invoke.html: "For
 * synchronous invocations, the maximum payload size is 6 MB. For asynchronous invocations, the maximum payload size is 1 MB."
 */
export const SYNCHRONOUS_BYTES = 6 * 1024 * 1024;
export const ASYNCHRONOUS_BYTES = 1024 * 1024;
/** Code and layers, unzipped. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const CODE_BYTES = 250 * 1024 * 1024;

/** @returns what is wrong, if anything is */
export const envelopeFault = (bytes: number, most: number): string | undefined =>
  bytes > most ? `a payload of ${bytes} bytes where Lambda takes ${most}` : undefined;

/** @throws RangeError for a payload that AWS would refuse, whatever the emulator takes */
export function mustFitEnvelope(payload: unknown, most: number): void {
  const fault = envelopeFault(Buffer.byteLength(JSON.stringify(payload) ?? ''), most);
  if (fault) throw new RangeError(fault);
}
