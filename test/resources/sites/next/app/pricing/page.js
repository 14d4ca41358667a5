import Buy from '../buy.js';
export default function Pricing() {
  return <Buy token="none" />;
}
