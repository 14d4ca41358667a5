'use client';
export default function Lazy() {
  import('./nested.js').then(({ finish }) => finish());
  return <i>{'%TOKEN_dynamic-import%'}</i>;
}
