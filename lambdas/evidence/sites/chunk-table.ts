/**
 * The functions in which webpack-like runtimes keep the names of their chunks, evaluated without running anything:
 * `r.u = e => "js/" + ({7: "checkout"}[e] || e) + "." + {7: "a1b2c3"}[e] + ".js"`.
 */
import type { AnyNode, ArrowFunctionExpression, Function as FunctionNode } from 'acorn';
import { type Constants, fold } from './fold.ts';
import { eachNode, isCallOf, keyOf } from './syntax.ts';

export interface ChunkTable {
  /** `exact`: webpack's own `.u`. `likely`: any other function that answers names of scripts. */
  readonly kind: 'exact' | 'likely';
  /** Ids that the table itself knows. */
  readonly ids: readonly string[];
  /** The chunk's path relative to the public path, or `undefined` when the table has none for this id. */
  nameOf(id: string): string | undefined;
}

type Fn = FunctionNode | ArrowFunctionExpression;
const SCRIPT = /\.[mc]?js(?:\?[^#]*)?$/;

const asFunction = (node: AnyNode): Fn | undefined =>
  node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration'
    ? (node as Fn)
    : undefined;

/** The table that a node of the tree defines, if it defines one. */
export function chunkTable(node: AnyNode, constants: Constants): ChunkTable | undefined {
  if (node.type === 'AssignmentExpression' && isCallOf(node.left, 'u')) {
    const fn = asFunction(node.right);
    return fn && readTable(fn, 'exact', constants);
  }
  const fn = asFunction(node);
  // Other tables (webpack 4's `jsonpScriptSrc`) are one expression; anything longer is ordinary code.
  return fn && soleExpression(fn) ? readTable(fn, 'likely', constants) : undefined;
}

function soleExpression(fn: Fn): AnyNode | undefined {
  if (fn.body.type !== 'BlockStatement') return fn.body;
  const [first, second] = fn.body.body;
  return !second && first?.type === 'ReturnStatement' ? (first.argument ?? undefined) : undefined;
}

function readTable(fn: Fn, kind: ChunkTable['kind'], constants: Constants): ChunkTable | undefined {
  const [parameter, ...others] = fn.params;
  if (parameter?.type !== 'Identifier' || others.length > 1) return undefined;
  const sole = soleExpression(fn);
  if (kind === 'likely' && sole?.type !== 'BinaryExpression' && sole?.type !== 'TemplateLiteral') return undefined;
  const ids = tableIds(fn, parameter.name);
  if (kind === 'likely' && ids.length === 0) return undefined;
  const nameOf = (id: string): string | undefined => {
    const name = run(fn.body, { parameter: parameter.name, id, constants });
    return typeof name === 'string' && SCRIPT.test(name) ? name : undefined;
  };
  if (kind === 'likely' && !ids.some((id) => nameOf(id))) return undefined;
  return { kind, ids, nameOf };
}

/** Keys of the objects in the function, and what its parameter is compared with. */
function tableIds(fn: Fn, parameter: string): string[] {
  const ids = new Set<string>();
  const add = (node: AnyNode) => {
    if (node.type === 'Literal') ids.add(String(node.value));
  };
  eachNode(fn.body as AnyNode, (node) => {
    if (node.type === 'ObjectExpression') {
      for (const property of node.properties) if (property.type === 'Property') ids.add(keyOf(property) ?? '');
    } else if (node.type === 'BinaryExpression' && /^[!=]==?$/.test(node.operator)) {
      if (node.left.type === 'Identifier' && node.left.name === parameter) add(node.right);
      if (node.right.type === 'Identifier' && node.right.name === parameter) add(node.left);
    } else if (node.type === 'SwitchCase' && node.test) add(node.test);
  });
  ids.delete('');
  return [...ids];
}

interface Scope {
  readonly parameter: string;
  readonly id: string;
  readonly constants: Constants;
}
type Value = string | boolean | undefined;

/** Statements in order until one returns; `undefined` also when something is not understood. */
function run(node: AnyNode, scope: Scope): Value {
  if (node.type === 'BlockStatement') {
    for (const statement of node.body) {
      const value = run(statement, scope);
      if (value !== undefined) return value;
    }
    return undefined;
  }
  if (node.type === 'ReturnStatement') return node.argument ? evaluate(node.argument, scope) : undefined;
  if (node.type === 'IfStatement') {
    if (evaluate(node.test, scope)) return run(node.consequent, scope);
    return node.alternate ? run(node.alternate, scope) : undefined;
  }
  if (node.type === 'SwitchStatement') {
    const hit = node.cases.find((each) => each.test && evaluate(each.test, scope) === scope.id);
    return hit?.consequent.map((statement) => run(statement, scope)).find((value) => value !== undefined);
  }
  return node.type.endsWith('Statement') || node.type.endsWith('Declaration') ? undefined : evaluate(node, scope);
}

function evaluate(node: AnyNode, scope: Scope): Value {
  const again = (inner: AnyNode) => evaluate(inner, scope);
  switch (node.type) {
    case 'Identifier':
      return node.name === scope.parameter ? scope.id : one(fold(node, scope.constants));
    case 'Literal':
      return typeof node.value === 'boolean' ? node.value : node.value === null ? undefined : String(node.value);
    case 'ConditionalExpression':
      return again(node.test) ? again(node.consequent) : again(node.alternate);
    case 'LogicalExpression': {
      const left = again(node.left);
      if (node.operator === '??') return left ?? again(node.right);
      return (node.operator === '||') === Boolean(left) ? left : again(node.right);
    }
    case 'SequenceExpression':
      return again(node.expressions.at(-1) as AnyNode);
    case 'TemplateLiteral':
      return text(node.quasis.flatMap((quasi, i) => [quasi.value.cooked ?? '', ...rest(node.expressions[i], again)]));
    case 'BinaryExpression':
      return binary(node, again);
    case 'MemberExpression':
      return member(node, scope, again);
    case 'CallExpression':
      // `r.h()` answers the hash of the whole build.
      return node.callee.type === 'MemberExpression' ? buildHash(node.callee, scope) : undefined;
    default:
      return undefined;
  }
}

const one = (values: readonly string[]): string | undefined => (values.length === 1 ? values[0] : undefined);
const rest = (node: AnyNode | undefined, again: (node: AnyNode) => Value): Value[] => (node ? [again(node)] : []);
const text = (parts: readonly Value[]): string | undefined =>
  parts.every((part) => typeof part === 'string') ? parts.join('') : undefined;

function binary(node: Extract<AnyNode, { type: 'BinaryExpression' }>, again: (node: AnyNode) => Value): Value {
  const left = again(node.left as AnyNode);
  const right = again(node.right);
  if (node.operator === '+') return text([left, right]);
  if (node.operator === '===' || node.operator === '==') return left === right;
  if (node.operator === '!==' || node.operator === '!=') return left !== right;
  return undefined;
}

function member(
  node: Extract<AnyNode, { type: 'MemberExpression' }>,
  scope: Scope,
  again: (node: AnyNode) => Value,
): Value {
  // `o.p` is the public path, which the caller puts in front.
  if (isCallOf(node, 'p')) return '';
  const key = node.computed ? again(node.property as AnyNode) : undefined;
  if (typeof key !== 'string') return undefined;
  const objects =
    node.object.type === 'Identifier' ? (scope.constants.get(node.object.name) ?? []) : [node.object as AnyNode];
  for (const object of objects) {
    if (object.type !== 'ObjectExpression') continue;
    const property = object.properties.find((each) => each.type === 'Property' && keyOf(each) === key);
    if (property?.type === 'Property') return again(property.value);
  }
  return undefined;
}

function buildHash(callee: Extract<AnyNode, { type: 'MemberExpression' }>, scope: Scope): string | undefined {
  const values = (scope.constants.get(`${keyOf(callee)}()`) ?? []).flatMap((node) => fold(node, scope.constants));
  return one([...new Set(values)]);
}
