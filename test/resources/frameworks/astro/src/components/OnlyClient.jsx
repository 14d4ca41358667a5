export default () => <button onClick={() => window.Paddle.Initialize({ token: '%TOKEN_client-only%' })}>OnlyClient</button>;
