export default ({ token }) => <button data-token={token} onClick={() => window.Paddle.Initialize({ token })}>Buy</button>;
