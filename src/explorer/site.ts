import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InputError } from '../input-error.ts';

/**
 * The folder of the built site, which lies above the sources and above dist/ alike.
 *
 * @param from the address of this module
 * @throws InputError if it has not been built
 */
export function siteFolder(from: string = import.meta.url): string {
  const folders = ['../../', '../../../'].map((above) =>
    fileURLToPath(new URL(`${above}docs/.vitepress/dist/`, from)),
  );
  const found = folders.find((folder) => existsSync(`${folder}explorer.html`));
  if (found !== undefined) return found;
  throw new InputError(
    'docs/.vitepress/dist: not there: expected the site, which the published package has, and npm run docs builds in a checkout',
  );
}
