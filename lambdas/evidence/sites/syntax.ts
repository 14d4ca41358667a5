/** JavaScript as a tree, or not at all; and a walk that no depth of nesting can break. */
import { type AnyNode, type Options, type Program, parse } from 'acorn';
import { parse as parseLoosely } from 'acorn-loose';

const OPTIONS: Options = {
  ecmaVersion: 'latest',
  allowHashBang: true,
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
};
/** The tolerant parser guesses at every broken line; above this size its guesses cost more than they find. */
const MAX_LOOSE = 512 * 1024;

export interface Parsed {
  readonly program: Program;
  /** `loose`: the script is broken or newer than the parser; references may be missing from the tree. */
  readonly quality: 'exact' | 'loose';
}

/** `undefined`: not even the tolerant parser makes anything of it. */
export function parseScript(code: string): Parsed | undefined {
  for (const sourceType of ['module', 'script'] as const) {
    try {
      return { program: parse(code, { ...OPTIONS, sourceType }), quality: 'exact' };
    } catch {
      // The other goal symbol may fit: `with`, octal escapes and HTML comments exist only in classic scripts.
    }
  }
  if (code.length > MAX_LOOSE) return undefined;
  try {
    return { program: parseLoosely(code, { ...OPTIONS, sourceType: 'module' }), quality: 'loose' };
  } catch {
    return undefined;
  }
}

/**
 * Every node, parents before children. With a stack of its own: minified bundles hold chains of `+` and `,` that are
 * deep enough to overflow a recursive walk. A callback and not a generator: half of a scan's time is spent here.
 */
export function eachNode(root: AnyNode, visit: (node: AnyNode) => void): void {
  const stack: AnyNode[] = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    visit(node);
    if (LEAVES.has(node.type)) continue;
    const values = Object.values(node) as unknown[];
    for (let i = values.length - 1; i >= 0; i -= 1) {
      const child = values[i];
      if (typeof child !== 'object' || child === null) continue;
      if (isNode(child)) stack.push(child);
      else if (Array.isArray(child)) {
        for (let j = child.length - 1; j >= 0; j -= 1) if (isNode(child[j])) stack.push(child[j]);
      }
    }
  }
}

/** Two nodes of three have no children. */
const LEAVES: ReadonlySet<string> = new Set([
  'Identifier',
  'Literal',
  'TemplateElement',
  'ThisExpression',
  'Super',
  'PrivateIdentifier',
]);

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** The name of a property that the source spells out: `a.b`, `a["b"]`, `{b: 1}`, `{"b": 1}`, `{1: 2}`. */
export function keyOf(node: { key?: AnyNode; property?: AnyNode; computed: boolean }): string | undefined {
  const key = node.key ?? node.property;
  if (!key) return undefined;
  if (key.type === 'Identifier' && !node.computed) return key.name;
  return key.type === 'Literal' ? String(key.value) : undefined;
}

/** Is it a text, or texts put together, without any name in it? */
export function isSpelledOut(node: AnyNode): boolean {
  let isSo = true;
  eachNode(node, ({ type }) => {
    if (type === 'Identifier') isSo = false;
  });
  return isSo;
}

export const isCallOf = (node: AnyNode, property: string): boolean =>
  node.type === 'MemberExpression' && keyOf(node) === property;

/** Nodes that may load something, or of which a text is made. */
export const INTERESTING: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'ExportAllDeclaration',
  'ExportNamedDeclaration',
  'ImportExpression',
  'Literal',
  'TemplateElement',
  'TemplateLiteral',
  'BinaryExpression',
  'AssignmentExpression',
  'ArrayExpression',
  'ObjectExpression',
  'NewExpression',
  'CallExpression',
  'ArrowFunctionExpression',
  'FunctionExpression',
  'FunctionDeclaration',
  'IfStatement',
  'ConditionalExpression',
  'LogicalExpression',
  'SwitchCase',
]);
