/** The site, in a real browser: what it shows is what the command line says, and it keeps working by itself. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Experiment, experiments } from '../../docs/.vitepress/site/experiments.ts';
import { systemOf } from '../../docs/.vitepress/site/question.ts';
import type { Report } from '../../model-check/index.ts';
import type { Entry } from '../../scripts/gallery-readme.ts';
import { logMutants } from '../../spec/log/mutants/index.ts';
import { commandFor, type Question } from '../../src/explorer/question.ts';
import { runOf } from '../../src/explorer/stepping.ts';
import { budget } from '../budget.ts';
import { root, synod } from '../cli/run.ts';
import {
  builtSite,
  chromiumHere,
  compressedSize,
  deadLinksOf,
  filesOf,
  type OpenSite,
  openSite,
  type Watched,
} from './site.ts';

const LIMIT = 3_000_000;
const PAGES = [
  'index',
  'problem',
  'acceptors',
  'p2',
  'phases',
  'learning',
  'progress',
  'machine',
  'questions',
  'answers',
].map((name) => `/reading/${name}.html`);
const OTHERS = [
  '/index.html',
  '/check.html',
  '/explorer.html',
  '/gallery.html',
  '/api/synod.html',
  '/guides.html',
  '/what-holds-means.html',
  '/spec/index.html',
  '/spec/mutants/index.html',
  '/source/spec/acceptor.ts.html',
];

let site = '';
beforeAll(async () => {
  site = await builtSite();
});

describe('the files', () => {
  test('are small', () => {
    const size = compressedSize(site);
    expect(size).toBeGreaterThan(100_000);
    expect(size).toBeLessThan(LIMIT);
  });

  test('link to pages and headings that are there', () => {
    const pages = filesOf(site).filter((path) => path.endsWith('.html'));
    expect(pages.length).toBeGreaterThan(PAGES.length);
    const dead = pages.flatMap((page) => deadLinksOf(site, page).map((link) => `${page}: ${link}`));
    expect(dead).toEqual([]);
  });

  test('hold every experiment somewhere in the reading', () => {
    const text = PAGES.map((page) => readFileSync(join(site, page), 'utf8')).join('');
    const missing = Object.keys(experiments).filter((name) => !text.includes(`data-experiment="${name}"`));
    expect(missing).toEqual([]);
  });
});

const executable = chromiumHere();
const inChromium = executable === undefined ? describe.skip : describe;

inChromium(`in Chromium${executable === undefined ? ', SKIPPED: there is none on this machine' : ''}`, () => {
  let open: OpenSite;
  beforeAll(async () => {
    open = await openSite(site, executable as string);
  });
  afterAll(async () => await open?.close());

  const asked = new Set<string>();
  const told = new Map<string, Promise<Report>>();
  /** What the command line says, asked once. */
  function onTheCommandLine(question: Question): Promise<Report> {
    const command = commandFor(question);
    const known = told.get(command) ?? synodReport(command);
    told.set(command, known);
    return known;
  }

  describe.each([...PAGES, ...OTHERS])('%s', (path) => {
    let watched: Watched;
    beforeAll(async () => {
      watched = await open.page({ colorScheme: 'light', viewport: { width: 1280, height: 900 } });
      await watched.page.goto(`${open.url}${path}`, { waitUntil: 'networkidle' });
    });
    afterAll(async () => await watched?.context.close());

    for (const [name, experiment] of Object.entries<Experiment>(experiments)) {
      if (first(name) !== path) continue;
      for (const way of ['whole', 'broken'] as const) {
        const question = experiment[way];
        // Several boxes ask the same while every rule is in place: once is enough.
        if (!question || asked.has(commandFor(question))) continue;
        asked.add(commandFor(question));
        // In CI every second one.
        if (asked.size % budget({ ci: 2, night: 1 }) !== 0) continue;
        test(`${name}, ${way}: the box shows what the command line says`, async () => {
          const report = await onTheCommandLine(question);
          const box = watched.page.locator(`[data-experiment="${name}"]`).first();
          if (experiment.whole && experiment.broken) {
            const toggle = box.locator('.toggle button');
            await (way === 'whole' ? toggle.first() : toggle.last()).click();
          }
          expect(await box.locator('.command').innerText()).toBe(commandFor(question));
          await box.locator('button.primary').click();
          await box.locator('[data-state="done"]').waitFor({ timeout: 120_000 });
          expect(await shownIn(box)).toEqual(expectedOf(report));
        });
      }
    }

    // Pages of the reading are alike.
    const looked = [...PAGES.filter((_, at) => at % 8 === 0), ...OTHERS.slice(0, 5)].includes(path);
    if (looked)
      test('axe finds nothing serious, light or dark', async () => {
        expect(await serious(watched.page)).toEqual([]);
        await watched.page.emulateMedia({ colorScheme: 'dark' });
        await watched.page.locator('html.dark').waitFor();
        expect(await serious(watched.page)).toEqual([]);
      });

    test.each([768, 360])('it fits a width of %d', async (width) => {
      await watched.page.setViewportSize({ width, height: 800 });
      const needed = await watched.page.evaluate('document.documentElement.scrollWidth');
      expect(needed).toBeLessThanOrEqual(width);
    });

    test('it complains of nothing, and asks nobody else', () => {
      expect(watched.complaints).toEqual([]);
    });
  });

  test('the diagram has an arrow for each message received, and steps can be walked through', async () => {
    const { page, context } = await open.page();
    await page.goto(`${open.url}${first('own-value')}`);
    const box = page.locator('[data-experiment="own-value"]').first();
    await box.locator('.toggle button').last().click();
    await box.locator('button.primary').click();
    const report = await onTheCommandLine(experiments['own-value'].broken as Question);
    const steps = report.counterexample?.steps ?? [];
    const receipts = steps.filter(({ message }) => message !== null).length;
    await box.locator('.run-diagram').waitFor();
    expect(await box.locator('.run-diagram .message').count()).toBe(receipts);
    expect(await box.locator('.run-diagram .step').count()).toBe(steps.length);
    await box.getByRole('button', { name: 'From the start' }).click();
    expect(await box.locator('.run-parts li.later').count()).toBe(steps.length);
    await box.getByRole('button', { name: 'Step', exact: true }).click();
    expect(await box.locator('.run-parts li.now .text').innerText()).toBe(steps[0]?.text);
    await box.getByRole('button', { name: 'Back' }).click();
    expect(await box.locator('.stepper span').innerText()).toBe(`step 0 of ${steps.length}`);
    // The rule is put back: nothing is left of the run.
    await box.locator('.toggle button').first().click();
    expect(await box.locator('.report').count()).toBe(0);
    await context.close();
  });

  test('any configuration can be asked about, is told of as it goes, and can be stopped', async () => {
    const { page, context, complaints } = await open.page();
    await page.goto(`${open.url}/check.html`);
    const box = page.locator('.panel');
    await box.getByRole('textbox', { name: 'ballots', exact: true }).fill('2');
    await box.getByRole('textbox', { name: 'crashes', exact: true }).fill('1');
    expect(await box.locator('.command').innerText()).toBe('synod check paxos --ballots 2 --crashes 1');
    await box.locator('button.primary').click();
    await box.locator('.progress').getByText('states a second').waitFor();
    await box.getByRole('button', { name: 'Stop' }).click();
    await box.locator('.verdict.incomplete').waitFor();
    expect(await box.locator('.verdict').innerText()).toMatch(
      /^\? Incomplete: ended by .*; no violation within \d+ steps$/,
    );
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a broken rule is asked about in its smallest configuration, and nonsense gets one sentence', async () => {
    const { page, context, complaints } = await open.page();
    await page.goto(`${open.url}/check.html`);
    const box = page.locator('.panel');
    await box.getByRole('combobox', { name: 'Broken rule' }).selectOption('half-is-a-quorum');
    expect(await box.getByRole('textbox', { name: 'acceptors', exact: true }).inputValue()).toBe('2');
    await box.locator('button.primary').click();
    await box.locator('.counterexample').waitFor();
    const { counterexample } = await synodReport('synod check paxos --mutant half-is-a-quorum');
    expect(await box.locator('.run-parts li').count()).toBe(counterexample?.length);
    await box.getByRole('textbox', { name: 'acceptors', exact: true }).fill('0');
    await box.locator('button.primary').click();
    expect(await box.getByRole('alert').innerText()).toMatch(/^acceptors: 0: expected /);
    await box.getByRole('textbox', { name: 'acceptors', exact: true }).fill('three');
    await box.locator('button.primary').click();
    await box
      .getByRole('alert')
      .getByText(/^acceptors: .*expected/)
      .waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('of a log, too, every bound can be asked for, and what remains reachable is not said to hold of one state', async () => {
    const { page, context, complaints } = await open.page();
    await page.goto(`${open.url}/check.html`);
    const box = page.locator('.panel');
    const choose = (name: string, option: string) => box.getByRole('combobox', { name }).selectOption(option);
    const fill = (name: string, text: string) => box.getByRole('textbox', { name, exact: true }).fill(text);
    await choose('System', 'multi-paxos');
    for (const [name, text] of Object.entries({ acceptors: '1', replicas: '2', slots: '1', clients: 'w,r' }))
      await fill(name, text);
    const reads = 'synod check multi-paxos --acceptors 1 --replicas 2 --slots 1 --clients w,r';
    expect(await box.locator('.command').innerText()).toBe(reads);
    await box.locator('button.primary').click();
    await box.locator('[data-state="done"]').waitFor();
    const { distinctStates } = await synodReport(reads);
    expect(await box.locator('.counts .states').innerText()).toBe(distinctStates.toLocaleString('en-US'));
    await choose('System', 'replicated-log');
    await choose('decider', 'single-server');
    await fill('crashes', '1');
    await box.getByRole('checkbox', { name: 'unrepaired' }).check();
    expect(await box.locator('.command').innerText()).toBe(
      'synod check replicated-log --decider single-server --crashes 1 --unrepaired',
    );
    await box.locator('button.primary').click();
    await box.getByText('Open this run in the explorer').click();
    await page.locator('.past li', { hasText: 'crashes, and is never repaired' }).waitFor();
    expect(await page.locator('.watched .silent').allInnerTexts()).toEqual([
      expect.stringMatching(/^–\s*decision-in-reach is about all that can follow/),
    ]);
    expect(await page.getByRole('checkbox', { name: 'unrepaired' }).isChecked()).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('the explorer offers every step, takes it back, branches, and its address restores the run', async () => {
    const { page, context, complaints } = await open.page({ viewport: { width: 1400, height: 900 } });
    await page.goto(`${open.url}/explorer.html`);
    const { system } = systemOf({ system: 'paxos' });
    const choices = page.locator('.choice');
    const offered = (places: readonly number[]) =>
      runOf(system, places)
        .at(-1)
        ?.choices.map(({ text }) => text);
    await choices.first().waitFor();
    expect(await choices.allInnerTexts()).toEqual(offered([]));
    await choices.nth(0).click();
    await choices.nth(1).click();
    expect(await choices.allInnerTexts()).toEqual(offered([0, 1]));
    expect(await page.locator('tr.fresh th').allInnerTexts()).toEqual(['promised']);
    expect(await page.locator('.run-diagram .message').count()).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await choices.allInnerTexts()).toEqual(offered([0]));
    await choices.nth(0).click();
    await choices.nth(0).click();
    const texts = () => page.locator('.past li').allInnerTexts();
    const run = await texts();
    expect(run).toEqual(runOf(system, [0, 0, 0]).flatMap(({ step }) => step?.text ?? []));
    // Another branch from the first step.
    const address = page.url();
    await page.locator('.past li button').first().click();
    await choices.nth(1).click();
    expect(await texts()).toEqual(runOf(system, [0, 1]).flatMap(({ step }) => step?.text ?? []));
    expect(page.url()).not.toBe(address);
    const other = await open.page();
    await other.page.goto(address);
    await other.page.locator('.past li').nth(2).waitFor();
    expect(await other.page.locator('.past li').allInnerTexts()).toEqual(run);
    expect([...complaints, ...other.complaints]).toEqual([]);
    await other.context.close();
    await context.close();
  });

  test('the explorer leads to each situation and to what is broken, and wanders', async () => {
    const { page, context, complaints } = await open.page();
    await page.goto(`${open.url}/explorer.html`);
    const report = await onTheCommandLine({ system: 'paxos' });
    const goal = page.locator('.explorer .stepper select');
    await goal.waitFor();
    const steps = () => page.locator('.past li').count();
    for (const { name, statement, length } of report.reached.filter(({ reached }) => reached)) {
      await goal.selectOption(name);
      await page.locator('.situation', { hasText: statement }).waitFor();
      await expect.poll(steps, { message: name, timeout: 20_000 }).toBe(length);
      await page.getByRole('button', { name: 'Start again' }).click();
    }
    await goal.selectOption('agreement');
    await page.getByRole('alert').getByText('no run leads there; all were tried').waitFor();
    await page.getByRole('button', { name: 'Ten random steps' }).click();
    await expect.poll(steps, { timeout: 20_000 }).toBe(10);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a counterexample opens in the explorer, and a link of something else says so', async () => {
    const { page, context, complaints } = await open.page();
    await page.goto(`${open.url}${first('own-value')}`);
    const box = page.locator('[data-experiment="own-value"]').first();
    await box.locator('.toggle button').last().click();
    await box.locator('button.primary').click();
    await box.getByText('Open this run in the explorer').click();
    const { counterexample } = await onTheCommandLine(experiments['own-value'].broken as Question);
    await page
      .locator('.past li')
      .nth((counterexample?.length ?? 0) - 1)
      .waitFor();
    expect(await page.locator('.past li').allInnerTexts()).toEqual(
      counterexample?.steps.map(({ text }) => text),
    );
    await page
      .locator('.watched .violated', { hasText: counterexample?.facts ?? '' })
      .first()
      .waitFor();
    await page.goto(`${open.url}/explorer.html#system=paxos&run=0.1_nonsense`);
    await page.getByRole('alert').getByText('this link is of another system').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  // One in ten of them; that each breaks so is known of the checker itself.
  test('broken variants of the gallery can be tried, and break in as many steps as they say', async () => {
    const some = <T>(all: readonly T[]) => all.filter((_, at) => at % 10 === 0);
    const { page, context, complaints } = await open.page();
    await page.goto(`${open.url}/gallery.html`);
    const { mutants } = JSON.parse(readFileSync(join(root, 'spec/mutants/gallery.json'), 'utf8')) as {
      mutants: Entry[];
    };
    const wrong: string[] = [];
    for (const { name, smallest } of some(mutants)) {
      const box = page.locator(`[data-mutant="${name}"]`);
      await box.locator('button.primary').click();
      await box.locator('[data-state="done"]').waitFor({ timeout: 120_000 });
      const lengths = smallest.requirements.flatMap(({ length }) => length ?? []);
      const shown = await box.locator('.run-parts li').count();
      if (shown !== (lengths.length > 0 ? Math.min(...lengths) : smallest.lemmas.length > 0 ? shown : 0))
        wrong.push(`${name}: ${shown} steps`);
    }
    expect(wrong).toEqual([]);
    const log = JSON.parse(readFileSync(join(root, 'spec/log/mutants/gallery.json'), 'utf8')) as {
      mutants: { name: string; lemmas: unknown[] }[];
    };
    for (const { name, harmless } of some(logMutants)) {
      const box = page.locator(`[data-mutant="${name}"]`);
      await box.locator('button.primary').click();
      await box.locator('[data-state="done"]').waitFor({ timeout: 120_000 });
      // A harmless one may break a lemma.
      const breaksLemma = log.mutants.find((entry) => entry.name === name)?.lemmas.length;
      expect({ name, verdict: await box.locator('.verdict').getAttribute('class') }).toEqual({
        name,
        verdict: `verdict ${harmless === undefined || breaksLemma ? 'violated' : 'holds'}`,
      });
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a page that is open goes on working without a network', async () => {
    const { page, context, complaints } = await open.page();
    await page.goto(`${open.url}/reading/index.html`, { waitUntil: 'networkidle' });
    const box = page.locator('[data-experiment="paxos"]');
    const check = async () => {
      await box.locator('button.primary').click();
      await box.locator('[data-state="done"]').waitFor();
      return await box.locator('.same').count();
    };
    expect(await check()).toBe(1);
    await context.setOffline(true);
    expect(await check()).toBe(1);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('the first page asks for little before it can be used, and answers soon', async () => {
    const { page, context } = await open.page();
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    await page.goto(`${open.url}/reading/index.html`, { waitUntil: 'networkidle' });
    const bytes = asked.reduce((sum, path) => sum + gzipSync(readFileSync(join(site, path))).length, 0);
    expect(asked.filter((path) => path.includes('worker'))).toEqual([]);
    expect(bytes).toBeLessThan(500_000);
    const box = page.locator('[data-experiment="paxos"]');
    await box.locator('button.primary').click();
    await box.locator('[data-state="done"]').waitFor();
    const seconds = Number((await box.locator('.counts').innerText()).match(/([\d.]+) s$/)?.[1]);
    // It takes a tenth of that on an idle machine.
    expect(seconds).toBeLessThan(3);
    await context.close();
  });
});

/** The first page of the reading that has an experiment: the pages are what is built, the documents what they are built from. */
function first(name: string): string | undefined {
  return PAGES.find((page) =>
    readFileSync(join(root, 'docs', page.replace('.html', '.md')), 'utf8').includes(`<TryIt name="${name}"`),
  );
}

/** What a box shows of a check. */
async function shownIn(box: Locator) {
  const count = async (what: string) => await box.locator(`.counts .${what}`).innerText();
  return {
    verdict: await box.locator('.report .verdict').getAttribute('class'),
    states: await count('states'),
    transitions: await count('transitions'),
    depth: await count('depth'),
    questions: await count('questions'),
    steps: await box.locator('.run-parts li .text').allInnerTexts(),
    facts: await box.locator('.facts').allInnerTexts(),
    same: await box.locator('.same').count(),
  };
}

/** What it should show of a report: the same, and that it is the same as when the site was built. */
function expectedOf({ verdict, distinctStates, transitions, diameter, questions, counterexample }: Report) {
  const digits = (value: number) => value.toLocaleString('en-US');
  return {
    verdict: `verdict ${verdict}`,
    states: digits(distinctStates),
    transitions: digits(transitions),
    depth: String(diameter),
    questions: digits(questions),
    steps: counterexample?.steps.map(({ text }) => text) ?? [],
    facts: counterexample ? [counterexample.facts] : [],
    same: 1,
  };
}

/** The report of a command, as JSON says it. */
async function synodReport(command: string): Promise<Report> {
  const { stdout, stderr } = await synod(...command.split(' ').slice(1), '--json', '--quiet');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** What axe finds that is serious or worse: the rule, and the first element that breaks it. */
async function serious(page: Page): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes[0]?.html} (and ${nodes.length - 1} more): ${nodes[0]?.failureSummary}`,
    );
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}
