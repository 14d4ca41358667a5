'use client';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { label } from './label.js';

const Lazy = dynamic(() => import('./lazy.js'), { ssr: false });

export default function Buy({ token }) {
  const [open, setOpen] = useState(false);
  return (
    <button type="button" data-token={token} onClick={() => setOpen('%TOKEN_entry%')}>
      {label()}
      {open ? <Lazy /> : null}
    </button>
  );
}
