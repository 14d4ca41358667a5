/** Jest compiles what it loads from TypeScript, and makes `require` of every `import()`; from here on Node does the loading. */
export { default } from './native-framework.ts';
