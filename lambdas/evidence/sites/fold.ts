/**
 * The strings that an expression may have, as far as the script alone tells. Blind to scopes on purpose: a name stands
 * for every constant that anything of that name is given, which errs towards *found*.
 */
import type { AnyNode } from 'acorn';
import { keyOf } from './syntax.ts';

/** Names and properties of the script -> the expressions that they are given. */
export type Constants = ReadonlyMap<string, readonly AnyNode[]>;

/** A name that is given more values than this says nothing. */
const MAX_VALUES = 6;
const MAX_RESULTS = 64;
const MAX_DEPTH = 12;
const MAX_LENGTH = 64 * 1024;

const COULD_BE_TEXT = new Set([
  'Literal',
  'TemplateLiteral',
  'BinaryExpression',
  'CallExpression',
  'Identifier',
  'ConditionalExpression',
  'ArrayExpression',
  'ObjectExpression',
]);

/** Gathers constants while somebody walks the script. */
export function createConstants(): { readonly constants: Constants; visit(node: AnyNode): void } {
  const constants = new Map<string, AnyNode[]>();
  const add = (name: string | undefined, value: AnyNode | null | undefined) => {
    if (!name || !value || !COULD_BE_TEXT.has(value.type)) return;
    const values = constants.get(name);
    if (!values) constants.set(name, [value]);
    else if (values.length <= MAX_VALUES) values.push(value);
  };
  const visit = (node: AnyNode) => {
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') add(node.id.name, node.init);
    else if (node.type === 'AssignmentExpression' && node.operator === '=') {
      if (node.left.type === 'Identifier') add(node.left.name, node.right);
      else if (node.left.type === 'MemberExpression') {
        add(keyOf(node.left), node.right);
        // `r.h = () => "4f1c"`: a constant that is called.
        if (node.right.type === 'ArrowFunctionExpression') add(`${keyOf(node.left)}()`, node.right.body);
      }
    } else if (node.type === 'CallExpression') bindArguments(node, add);
    else if (node.type === 'Property') add(keyOf(node), node.value);
    else if (node.type === 'PropertyDefinition') add(keyOf(node), node.value);
  };
  return { constants, visit };
}

/** `(function (w, id) { … })(window, "GTM-1")`: the parameters of a function that is called where it stands. */
function bindArguments(
  node: Extract<AnyNode, { type: 'CallExpression' }>,
  add: (name: string | undefined, value: AnyNode | undefined) => void,
): void {
  const callee = node.callee.type === 'ParenthesizedExpression' ? node.callee.expression : node.callee;
  if (callee.type !== 'FunctionExpression' && callee.type !== 'ArrowFunctionExpression') return;
  for (const [i, parameter] of callee.params.entries()) {
    if (parameter.type === 'Identifier') add(parameter.name, node.arguments[i] as AnyNode | undefined);
  }
}

const NO_CONSTANTS: Constants = new Map();

/** All strings that the expression may have; none when that is not known. Bounded in number, length and depth. */
export function fold(node: AnyNode, constants: Constants = NO_CONSTANTS, depth = 0): string[] {
  if (depth > MAX_DEPTH) return [];
  const again = (inner: AnyNode) => fold(inner, constants, depth + 1);
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' || typeof node.value === 'number' ? [String(node.value)] : [];
    case 'TemplateLiteral':
      return sequence(interleaved(node.quasis, node.expressions), again);
    case 'TemplateElement':
      return [node.value.cooked ?? node.value.raw];
    case 'BinaryExpression':
      return node.operator === '+' ? sequence(operands(node), again) : [];
    case 'ConditionalExpression':
      return [...again(node.consequent), ...again(node.alternate)];
    case 'LogicalExpression':
      return [...again(node.left), ...again(node.right)];
    case 'SequenceExpression':
      return again(node.expressions.at(-1) as AnyNode);
    case 'ParenthesizedExpression':
    case 'ChainExpression':
      return again(node.expression);
    case 'AssignmentExpression':
      return node.operator === '=' ? again(node.right) : [];
    case 'Identifier':
      return named(node.name, constants, again);
    case 'MemberExpression':
      return element(node.object, keyOf(node), again) ?? named(keyOf(node), constants, again);
    case 'CallExpression':
      return call(node, again);
    default:
      return [];
  }
}

/** `a + b + c` as its operands, left to right; written by tools in chains too long to recurse into. */
function operands(node: AnyNode): AnyNode[] {
  const right: AnyNode[] = [];
  let at = node;
  while (at.type === 'BinaryExpression' && at.operator === '+') {
    right.push(at.right);
    at = at.left;
  }
  return [at, ...right.reverse()];
}

const interleaved = (quasis: readonly AnyNode[], expressions: readonly AnyNode[]): AnyNode[] =>
  quasis.flatMap((quasi, i) => (expressions[i] ? [quasi, expressions[i]] : [quasi]));

function sequence(parts: readonly AnyNode[], again: (node: AnyNode) => string[]): string[] {
  let results = [''];
  for (const part of parts) {
    const values = again(part);
    if (values.length === 0) return [];
    results = results.flatMap((head) => values.map((value) => head + value)).slice(0, MAX_RESULTS);
    if ((results[0]?.length ?? 0) > MAX_LENGTH) return [];
  }
  return results;
}

function named(name: string | undefined, constants: Constants, again: (node: AnyNode) => string[]): string[] {
  const values = name === undefined ? undefined : constants.get(name);
  if (!values || values.length > MAX_VALUES) return [];
  return [...new Set(values.flatMap(again))].slice(0, MAX_RESULTS);
}

/** `["a","b"][1]` and `{a: "b"}.a`. */
function element(object: AnyNode, key: string | undefined, again: (node: AnyNode) => string[]): string[] | undefined {
  if (key === undefined) return undefined;
  if (object.type === 'ArrayExpression') {
    const value = object.elements[Number(key)];
    return value ? again(value) : [];
  }
  if (object.type !== 'ObjectExpression') return undefined;
  const property = object.properties.find((each) => each.type === 'Property' && keyOf(each) === key);
  return property?.type === 'Property' ? again(property.value) : [];
}

function call(node: Extract<AnyNode, { type: 'CallExpression' }>, again: (node: AnyNode) => string[]): string[] {
  const { callee, arguments: args } = node;
  if (callee.type === 'Identifier' && args[0]) {
    if (callee.name === 'atob') return again(args[0]).map((text) => Buffer.from(text, 'base64').toString('latin1'));
    if (/^decodeURI(?:Component)?$/.test(callee.name)) return again(args[0]).flatMap(percentDecoded);
    if (callee.name === 'String') return again(args[0]);
  }
  if (callee.type !== 'MemberExpression') return [];
  switch (keyOf(callee)) {
    case 'concat':
      return sequence([callee.object, ...args], again);
    case 'fromCharCode':
    case 'fromCodePoint':
      return characters(args.map((arg) => again(arg)[0]));
    case 'join':
      return joined(callee.object, args[0] ? again(args[0]) : [','], again);
    case 'toString':
    case 'trim':
      return again(callee.object);
    default:
      return [];
  }
}

function percentDecoded(text: string): string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}

function characters(codes: readonly (string | undefined)[]): string[] {
  const numbers = codes.map(Number);
  const valid = numbers.length > 0 && numbers.every((code) => Number.isInteger(code) && code >= 0 && code <= 0xffff);
  return valid ? [String.fromCharCode(...numbers)] : [];
}

function joined(array: AnyNode, separators: string[], again: (node: AnyNode) => string[]): string[] {
  if (array.type !== 'ArrayExpression' || array.elements.length > 4096) return [];
  const pieces = array.elements.map((each) => (each ? again(each)[0] : ''));
  return pieces.some((piece) => piece === undefined) ? [] : separators.map((separator) => pieces.join(separator));
}
