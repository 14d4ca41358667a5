import Link from 'next/link';
import Buy from './buy.js';

export default function Home() {
  return (
    <main>
      <Buy token="%TOKEN_flight-data%" />
      <Link href="/pricing">Pricing</Link>
      <script type="application/json" dangerouslySetInnerHTML={{ __html: '{"token":"%TOKEN_json-island%"}' }} />
    </main>
  );
}
