export const metadata = { title: 'Shop' };
export default function Layout({ children }) {
  return (
    <html lang="en">
      <body data-token="%TOKEN_html-inline%">{children}</body>
    </html>
  );
}
