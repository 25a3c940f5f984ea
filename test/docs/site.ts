/** The site as a browser sees it: built, served, and opened in a real Chromium. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { serve } from '../../src/explorer/serve.ts';
import { root, start } from '../cli/run.ts';

/** The Chromium of this machine, or undefined if there is none. */
export function chromiumHere(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env['PATH'] ?? '').split(':');
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** The folder of the built site: the one that SYNOD_SITE names, or one that is built now. */
export async function builtSite(): Promise<string> {
  const given = process.env['SYNOD_SITE'];
  if (given) return resolve(given);
  const folder = mkdtempSync(join(tmpdir(), 'synod-site-'));
  const vitepress = join(root, 'node_modules/vitepress/bin/vitepress.js');
  const { status, stdout, stderr } = await start([
    process.execPath,
    vitepress,
    'build',
    'docs',
    '--outDir',
    folder,
  ]).ended;
  if (status !== 0) throw new Error(`the site does not build: ${stdout}${stderr}`);
  return folder;
}

/** The files of the site, by their paths on it. */
export function filesOf(site: string): string[] {
  return readdirSync(site, { recursive: true })
    .map(String)
    .filter((path) => statSync(join(site, path)).isFile())
    .sort();
}

/** Bytes of the site as they go over a network. */
export function compressedSize(site: string): number {
  return filesOf(site).reduce((sum, path) => sum + gzipSync(readFileSync(join(site, path))).length, 0);
}

/** The links of a built page that lead nowhere on the site. */
export function deadLinksOf(site: string, page: string): string[] {
  const html = readFileSync(join(site, page), 'utf8');
  const links = [...html.matchAll(/<a [^>]*?href="([^"]+)"/g)].map(([, href]) => href as string);
  return links.filter((href) => {
    if (/^[a-z]+:/i.test(href)) return false;
    const [path = '', anchor] = href.replaceAll('&amp;', '&').split('#');
    const on = path === '' ? page : path.startsWith('/') ? path.slice(1) : join(page, '..', path);
    const file = [on, `${on}.html`, join(on, 'index.html')].find(
      (each) => existsSync(join(site, each)) && statSync(join(site, each)).isFile(),
    );
    if (file === undefined) return true;
    if (!anchor) return false;
    return !readFileSync(join(site, file), 'utf8').includes(`id="${decodeURIComponent(anchor)}"`);
  });
}

export interface OpenSite {
  readonly url: string;
  /** A new page, with no memory of others; it notes what it logs and what it asks of other servers. */
  readonly page: (options?: Parameters<Browser['newContext']>[0]) => Promise<Watched>;
  readonly close: () => Promise<void>;
}

export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the page, and requests to anybody else. */
  readonly complaints: string[];
}

/** Serves a built site to a Chromium that reaches nothing else. */
export async function openSite(site: string, executablePath: string): Promise<OpenSite> {
  const { url, close } = await serve(site);
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  return {
    url,
    page: async (options = {}) => {
      const context = await browser.newContext(options);
      const complaints: string[] = [];
      await context.route(
        (asked) => asked.origin !== url && asked.protocol.startsWith('http'),
        (route) => {
          complaints.push(`asks ${route.request().url()}`);
          return route.abort();
        },
      );
      const page = await context.newPage();
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      return { page, context, complaints };
    },
    close: async () => {
      await browser.close();
      await close();
    },
  };
}
