/** The server of the site: what is in the folder and nothing else, by its right type. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Served, serve } from '../../src/explorer/serve.ts';
import { siteFolder } from '../../src/explorer/site.ts';
import { temporaryFolder } from '../cli/run.ts';

const FILES = {
  'index.html': 'the first page',
  'explorer.html': 'the explorer',
  'reading/index.html': 'the reading',
  'a b.json': '{}',
  'assets/style.css': 'a {}',
  'assets/app.js': '1',
  'assets/picture.svg': '<svg/>',
  'assets/unknown.bin': '\0',
} as const;

/** A folder with these files, and beside it one that is nobody's business. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const above = temporaryFolder();
  writeFileSync(join(above, 'secret.html'), 'a secret');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(above, 'site', path, '..'), { recursive: true });
    writeFileSync(join(above, 'site', path), text);
  }
  return join(above, 'site');
}

/** Asks for a path exactly as it is written: `fetch` would tidy it. */
function ask(url: string, path: string, method = 'GET') {
  return new Promise<{ status: number; type: string | undefined; text: string }>((resolve, reject) => {
    request(url, { path, method }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more) => {
        text += more;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'], text }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('a folder that is served', () => {
  let folder: string;
  let served: Served;
  beforeEach(async () => {
    folder = folderWith({ ...FILES, '404.html': 'no such page' });
    symlinkSync(join(folder, '../secret.html'), join(folder, 'link.html'));
    served = await serve(folder);
    onTestFinished(async () => await served.close());
  });

  test.each([
    ['/', 'index.html', 'text/html; charset=utf-8'],
    ['/index.html', 'index.html', 'text/html; charset=utf-8'],
    ['/explorer', 'explorer.html', 'text/html; charset=utf-8'],
    ['/explorer.html?x=../..', 'explorer.html', 'text/html; charset=utf-8'],
    ['/reading/', 'reading/index.html', 'text/html; charset=utf-8'],
    ['/a%20b.json', 'a b.json', 'application/json'],
    ['/assets/style.css', 'assets/style.css', 'text/css; charset=utf-8'],
    ['/assets/app.js', 'assets/app.js', 'text/javascript; charset=utf-8'],
    ['/assets/picture.svg', 'assets/picture.svg', 'image/svg+xml'],
    ['/assets/unknown.bin', 'assets/unknown.bin', 'application/octet-stream'],
  ] as const)('%s is %s, %s', async (path, file, type) => {
    expect(await ask(served.url, path)).toEqual({ status: 200, type, text: FILES[file] });
  });

  test.each([
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/assets/../../secret.html',
    '/assets/..%5c..%5csecret.html',
    '//secret.html',
    '/link.html',
    '/etc/passwd',
    '/%00',
    '/%',
    '/nothing.html',
    '/assets/',
    'http://elsewhere/secret.html',
  ])('%s is not there', async (path) => {
    expect(await ask(served.url, path)).toEqual({
      status: 404,
      type: 'text/html; charset=utf-8',
      text: 'no such page',
    });
  });

  test('it is read only, and only from this machine', async () => {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await ask(served.url, '/', 'POST')).toMatchObject({ status: 405, text: '' });
    expect(await ask(served.url, '/', 'HEAD')).toEqual({
      status: 200,
      type: 'text/html; charset=utf-8',
      text: '',
    });
  });

  test('a port that is taken is not had twice', async () => {
    const port = Number(new URL(served.url).port);
    await expect(serve(folder, port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('a file that is gone is not there', async () => {
    const other = await serve(folderWith({ 'index.html': '' }));
    onTestFinished(async () => await other.close());
    expect(await ask(other.url, '/nothing')).toMatchObject({ status: 404, text: 'not found\n' });
  });
});

describe('the site', () => {
  test.each(['src/explorer/site.ts', 'dist/src/explorer/site.js'])('is found from %s', (module) => {
    const root = temporaryFolder();
    const from = pathToFileURL(join(root, module)).href;
    expect(() => siteFolder(from)).toThrow(/^docs\/\.vitepress\/dist: not there: expected the site/);
    mkdirSync(join(root, 'docs/.vitepress/dist'), { recursive: true });
    writeFileSync(join(root, 'docs/.vitepress/dist/explorer.html'), '');
    expect(siteFolder(from)).toBe(join(root, 'docs/.vitepress/dist/'));
  });
});
