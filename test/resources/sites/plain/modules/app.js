import { helper } from 'lib/helper.js';
const parts = %CODES_character-codes%;
export default () => helper(String.fromCharCode(...parts));
