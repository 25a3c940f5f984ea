import { spawn } from 'node:child_process';
import { z } from 'zod';
import { canonical, type Report } from '../../model-check/index.ts';
import { type Link, linkText } from '../explorer/link.ts';
import type { Served } from '../explorer/serve.ts';
import { siteFolder } from '../explorer/site.ts';
import { placesOf, runOf, runText } from '../explorer/stepping.ts';
import { InputError, shortly } from '../input-error.ts';
import type { AnySystem, Recipe } from '../systems.ts';
import { isModulePath } from './module.ts';
import type { CheckRequest } from './request.ts';

const Port = z.coerce.number().int().min(0).max(65_535);

/** `synod explore`: serves the site to this machine until Ctrl-C. Returns the exit status. */
export async function runExplore({ port = '0', open }: { port?: string; open: boolean }): Promise<number> {
  const parsed = Port.safeParse(port.trim() === '' ? Number.NaN : port);
  if (!parsed.success)
    throw new InputError(
      `--port: ${shortly(port)}: expected a number from 0 (any port that is free) to 65535`,
    );
  const served = await serveSite(parsed.data);
  const url = `${served.url}/explorer.html`;
  process.stdout.write(`${url}  (Ctrl-C ends it)\n`);
  if (open) showInBrowser(url);
  await untilInterrupted(served);
  return 0;
}

/** Refuses, before a run begins, to open what the explorer could not show. */
export function refuseUnopenable({ run, recipe, place }: CheckRequest): void {
  if (!run.open) return;
  if (isModulePath(recipe.system))
    throw new InputError(
      `${place(['open'])}: ${shortly(recipe.system)}: the explorer has no modules of others: expected a system of synod list`,
    );
  siteFolder();
}

/** `synod check --open`: opens a counterexample in the explorer, which is served until Ctrl-C. */
export async function openInExplorer(
  { counterexample }: Pick<Report, 'counterexample'>,
  system: AnySystem,
  recipe: Recipe,
): Promise<void> {
  if (!counterexample) {
    process.stderr.write('--open: there is no counterexample to open\n');
    return;
  }
  const served = await serveSite(0);
  const url = `${served.url}/explorer.html#${linkText(linkTo(counterexample.steps, system, recipe))}`;
  process.stderr.write(`${url}\n(Ctrl-C ends it)\n`);
  showInBrowser(url);
  await untilInterrupted(served);
}

/** The link to a run, told by a report, of the system that a recipe builds. */
function linkTo(
  steps: NonNullable<Report['counterexample']>['steps'],
  system: AnySystem,
  { system: name, configuration, mutant, demonstration = false }: Recipe,
): Link {
  const places = placesOf(
    system,
    steps.map(({ actor, event }) => ({ actor, event: canonical(event) })),
  );
  if (places.length < steps.length)
    throw new Error(`the explorer does not offer step ${places.length + 1} of the counterexample`);
  return {
    question: {
      system: name,
      ...(mutant === null ? {} : { mutant }),
      // Whoever names no bounds gets those that the mutant comes with, and the runs that the gallery names.
      ...(demonstration ? {} : { configuration }),
    },
    run: runText(runOf(system, places), places),
  };
}

async function serveSite(port: number): Promise<Served> {
  const folder = siteFolder();
  // No other command needs a server, nor waits for one to be loaded.
  const { serve } = await import('../explorer/serve.ts');
  try {
    return await serve(folder, port);
  } catch (error) {
    throw new InputError(
      `--port: ${port}: cannot be had (${(error as NodeJS.ErrnoException).code}): expected a port that is free`,
    );
  }
}

/** Shows an address in the browser of whoever asks. Where there is none, the address that was printed has to do. */
function showInBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  };
  const [opener, ...args] = openers[process.platform] ?? ['xdg-open'];
  spawn(opener, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

async function untilInterrupted(served: Served): Promise<void> {
  await new Promise<void>((interrupted) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted());
  });
  await served.close();
}
