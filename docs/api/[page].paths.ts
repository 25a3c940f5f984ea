import { apiPages } from '../.vitepress/build/api.ts';

export default { paths: apiPages };
