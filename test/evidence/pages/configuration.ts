import { NEW, OLD, type PageCase, page } from './page-case.ts';

const stub = '<script>window.Paddle={Environment:{set(){}},Initialize(){}}</script>';
const paddle = (name: string, script: string, wants: PageCase['wants'] = 'doubtful', head = stub): PageCase => ({
  name,
  wants,
  site: () => ({ '/pricing': page(head, `<script>${script}</script>`) }),
});

/** The right token, used wrongly; and none at all. */
export const configuration: readonly PageCase[] = [
  paddle(
    'a sandbox token with the environment set to production',
    'Paddle.Environment.set("production");Paddle.Initialize({token:window.APP.token})',
    'doubtful',
    '<script src="https://cdn.paddle.com/paddle/v2/paddle.js"></script>',
  ),
  paddle(
    'a sandbox token with an environment that is worked out at run time',
    'Paddle.Environment.set(["prod","uction"].join(""));Paddle.Initialize({token:window.APP.token})',
  ),
  paddle('a sandbox token without any environment', 'Paddle.Initialize({token:window.APP.token})'),
  paddle(
    'a token with a newline at its end',
    `Paddle.Environment.set("sandbox");Paddle.Initialize({token:"${NEW}\\n"})`,
  ),
  paddle('a token in quotes', `Paddle.Environment.set("sandbox");Paddle.Initialize({token:'"${NEW}"'})`),
  paddle(
    'a token with a newline at its end, in code that did not run',
    `window.buy=()=>Paddle.Initialize({token:"${NEW}\\n"})`,
  ),
  paddle('an empty token', 'Paddle.Environment.set("sandbox");Paddle.Initialize({token:""})'),
  paddle(
    'a placeholder that nobody replaced',
    'Paddle.Environment.set("sandbox");Paddle.Initialize({token:"__PADDLE_CLIENT_TOKEN__"})',
  ),
  paddle(
    'a third token',
    `Paddle.Environment.set("sandbox");Paddle.Initialize({token:"test_${'0a1b2c3d4'.repeat(3)}"})`,
  ),
  {
    name: 'an empty token in the settings, and no other',
    wants: 'doubtful',
    site: () => ({ '/pricing': page('<script>window.client_side_token=""</script>', '', '') }),
  },
  {
    name: 'a placeholder in the settings, and no token',
    wants: 'doubtful',
    site: () => ({ '/pricing': page(`<script>window.env={"PADDLE_TOKEN":"\${PADDLE_TOKEN}"}</script>`, '', '') }),
  },
  { name: 'no token at all', wants: 'doubtful', site: () => ({ '/pricing': page('', '', '') }) },
  paddle(
    'clean: Paddle.js gets the current token',
    'Paddle.Environment.set("sandbox");Paddle.Initialize({token:window.APP.token})',
    'current',
  ),
  paddle(
    'clean: both environments are in the code, and the right one is taken',
    'var live=APP.token.startsWith("live_");Paddle.Environment.set(live?"production":"sandbox");Paddle.Initialize({token:APP.token})',
    'current',
  ),
  paddle(
    'clean: the other environment is in a branch that is not taken',
    'if(APP.token.startsWith("live_")){Paddle.Environment.set("production")}else{Paddle.Environment.set("sandbox")}Paddle.Initialize({token:APP.token})',
    'current',
  ),
  {
    name: 'the old token reaches Paddle.js when the button is pressed',
    wants: 'superseded',
    clicks: ['#buy'],
    site: () => ({
      '/pricing': page(
        stub,
        `<button id="buy">Buy</button><script>document.getElementById("buy").onclick=()=>{Paddle.Environment.set("sandbox");Paddle.Initialize({token:atob(${JSON.stringify(Buffer.from([...OLD].reverse().join('')).toString('base64'))}).split("").reverse().join("")})}</script>`,
      ),
    }),
  },
];
