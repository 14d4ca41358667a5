/** What a part of the bench answers, and what all of them need. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../infra/root.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is to be at most, or at least. Absent: shown for what it is. */
  readonly target?: number;
  readonly atLeast?: true;
  /** What holds it, where the target is missed. */
  readonly note?: string;
}

export interface Part {
  readonly name: string;
  readonly about: string;
  readonly run: (progress: (text: string) => void, options: { readonly write: boolean }) => Promise<readonly Figure[]>;
}

export const isMet = ({ value, target, atLeast }: Figure): boolean | undefined =>
  target === undefined ? undefined : atLeast ? value >= target : value <= target;

/** @returns `by 8 %`, or by how many where none was to be; empty for what is met */
export function missedBy({ value, target = 0, ...figure }: Figure): string {
  if (isMet({ value, target, ...figure }) !== false) return '';
  return target === 0 ? `by ${shown(value)}` : `by ${Math.ceil(Math.abs(value / target - 1) * 100)} %`;
}

const shown = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

export function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  const lines = figures.map((figure) => {
    const { name, value, unit, target, atLeast, note } = figure;
    const aim = target === undefined ? '' : `${atLeast ? '>=' : '<='} ${shown(target)}`;
    const isMissed = isMet(figure) === false;
    const verdict = isMissed
      ? `MISSED ${missedBy(figure)}${note ? `: ${note}` : ''}`
      : target === undefined
        ? ''
        : 'met';
    return `  ${name.padEnd(width)}  ${shown(value).padStart(9)} ${unit.padEnd(8)} ${aim.padEnd(10)} ${verdict}`.trimEnd();
  });
  return lines.join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A folder within the project, where the SDK is found, and out of git's sight. The caller removes it. */
export function scratchFolder(name: string): string {
  mkdirSync(path.join(ROOT, '.local'), { recursive: true });
  return mkdtempSync(path.join(ROOT, '.local', `bench-${name}-`));
}
