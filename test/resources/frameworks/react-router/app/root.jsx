import { Links, Meta, Outlet, Scripts } from 'react-router';

export const loader = () => ({ env: '%TOKEN_root-loader%' });

export default function Root({ loaderData }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <title>Shop</title>
        <Meta />
        <Links />
        <script dangerouslySetInnerHTML={{ __html: "window.inline = '%TOKEN_html-inline%'" }} />
      </head>
      <body data-has={String(Boolean(loaderData?.env))}>
        <Outlet />
        <Scripts />
      </body>
    </html>
  );
}
