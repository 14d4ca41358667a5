import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** @returns whether the condition of the write held: if not, nothing was written. Throws whatever else went wrong. */
export async function conditionHeld(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
