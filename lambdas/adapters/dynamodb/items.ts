/** Between plain values and DynamoDB items. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

export type Item = Record<string, AttributeValue>;

/** A property that is `undefined` is not there. */
export const toItem = (value: object): Item => marshall(value, { removeUndefinedValues: true });

/** The value without the attributes that only the table needs. */
export function fromItem<T>(item: Item): T {
  const { pk, sk, dueShard, expiresAt, ...value } = unmarshall(item);
  return value as T;
}
