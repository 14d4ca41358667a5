/** What a part of the bench answers. */
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
  readonly run: (progress: (text: string) => void) => Promise<readonly Figure[]>;
}

export const isMet = ({ value, target, atLeast }: Figure): boolean | undefined =>
  target === undefined ? undefined : atLeast ? value >= target : value <= target;

const shown = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

export function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  const lines = figures.map((figure) => {
    const { name, value, unit, target, atLeast, note } = figure;
    const aim = target === undefined ? '' : `${atLeast ? '>=' : '<='} ${shown(target)}`;
    const verdict = isMet(figure) === false ? `MISSED${note ? `: ${note}` : ''}` : target === undefined ? '' : 'met';
    return `  ${name.padEnd(width)}  ${shown(value).padStart(9)} ${unit.padEnd(8)} ${aim.padEnd(10)} ${verdict}`.trimEnd();
  });
  return lines.join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
