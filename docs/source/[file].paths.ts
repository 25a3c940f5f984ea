import { sourcePages } from '../.vitepress/build/sources.ts';

export default { paths: sourcePages };
