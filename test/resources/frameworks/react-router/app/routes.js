import { index, layout, route } from '@react-router/dev/routes';

export default [
  layout('routes/frame.jsx', [index('routes/home.jsx'), route('buy', 'routes/buy.jsx'), route('about', 'routes/about.jsx')]),
  route('api/settings', 'routes/settings.js'),
  route('api/plain', 'routes/plain.js'),
];
