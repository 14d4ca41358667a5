export default () => <button data-token="%TOKEN_discovered-route%">About</button>;
