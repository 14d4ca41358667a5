import { Outlet } from 'react-router';

export const frame = '%TOKEN_layout-module%';
export default () => <main data-frame={frame}><Outlet /></main>;
