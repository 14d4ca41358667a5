export default () => <button onClick={() => window.Paddle.Initialize({ token: '%TOKEN_client-media%' })}>WhenMedia</button>;
