export default () => <button data-token="%TOKEN_lazy-component%">Lazy</button>;
