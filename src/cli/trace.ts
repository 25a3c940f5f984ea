import { z } from 'zod';
import type { Envelope, LocalStep } from '../../model-check/index.ts';
import { recordedWalks } from '../../model-check/recorded-walk.ts';
import { InputError, inputError } from '../input-error.ts';
import { itfOf } from '../itf.ts';
import type { TraceBounds } from '../trace/bounds.ts';
import { TraceChecker } from '../trace/check.ts';
import { TraceMapping } from '../trace/mapping.ts';
import { openTrace } from '../trace/read.ts';
import type { TraceReport } from '../trace/report.ts';
import { walkTraces } from '../trace/walks.ts';
import { interruptibly, systemOf } from './check.ts';
import { colors as pc } from './colors.ts';
import { placeIn, readJson, writeWhole } from './files.ts';
import { checkRequest } from './options.ts';
import { STATUS } from './output.ts';
import { digits } from './print.ts';

const whole = z
  .string()
  .regex(/^\d{1,9}$/, { error: 'expected a whole number' })
  .transform(Number)
  .optional();

/** `synod trace record`. Returns the exit status. */
export async function runTraceRecord(
  system: string | undefined,
  options: Record<string, unknown>,
): Promise<number> {
  const request = checkRequest(system, { ...options, simulate: true });
  const name = z
    .enum(['paxos', 'multi-paxos'], { error: 'expected paxos or multi-paxos' })
    .safeParse(request.recipe.system);
  if (!name.success) throw inputError(name.error, request.recipe.system, () => 'system');
  const built = await systemOf(request);
  const { seed, steps = 100, itf } = request.run;
  const { header, trace } = walkTraces(name.data, request.recipe.configuration, built.system, seed);
  if (itf !== undefined) {
    const walk = recordedWalks<object, Envelope, { readonly type: string }>(built.system, seed)(0, steps);
    const taken = walk.map(
      ([first]) => first?.step as LocalStep<object, Envelope, { readonly type: string }>,
    );
    const told = taken.map((step) => ({
      actor: step.actor,
      event: step.event,
      text: built.system.tell?.(step) ?? step.event.type,
    }));
    writeWhole(itf, `${JSON.stringify(itfOf(built.system, told, `random walk, seed ${seed ?? 1}`))}\n`);
  }
  for (const line of [header, ...trace(0, steps)]) process.stdout.write(`${JSON.stringify(line)}\n`);
  return 0;
}

/** The options as they come from the command line. */
const TraceOptions = z.object({
  map: z.string().optional(),
  bridge: whole,
  skew: whole,
  remember: whole,
  attempts: whole,
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
});
type TraceOptions = z.infer<typeof TraceOptions>;

/** `synod trace check`. Returns the exit status. */
export async function runTraceCheck(files: readonly string[], given: unknown): Promise<number> {
  const parsed = TraceOptions.safeParse(given);
  if (!parsed.success) throw inputError(parsed.error, given, (path) => `--${path.join('.')}`);
  const options = parsed.data;
  const report = await checked(files, options);
  process.stdout.write(`${options.json ? JSON.stringify(report) : printTrace(report)}\n`);
  return STATUS[report.verdict];
}

async function checked(files: readonly string[], options: TraceOptions): Promise<TraceReport> {
  const { players, lines } = await openTrace(
    files,
    options.map === undefined ? undefined : mappingFrom(options.map),
  );
  const checker = new TraceChecker(players, boundsOf(options));
  return await interruptibly(options, async (signal, progress) => {
    let told = performance.now();
    try {
      for await (const line of lines) {
        checker.feed(line);
        if (signal.aborted) return checker.finish('an interrupt');
        if (performance.now() - told < 1000) continue;
        told = performance.now();
        progress.note(`${digits(line.number)} lines`);
      }
      if (checker.isEmpty)
        throw new InputError(`${files.join(', ')}: no lines after the header: expected some`);
    } catch (error) {
      // What is wrong with a later line changes nothing about what was found before it.
      if (error instanceof InputError && checker.foundWrong) return checker.finish(error.message);
      throw error;
    }
    return checker.finish();
  });
}

function boundsOf({ bridge, skew, remember, attempts }: TraceOptions): Partial<TraceBounds> {
  const bounds = { bridge, skew, remember, attempts };
  return Object.fromEntries(Object.entries(bounds).filter(([, bound]) => bound !== undefined));
}

function mappingFrom(path: string): TraceMapping {
  const content = readJson(path);
  const mapping = TraceMapping.safeParse(content);
  if (!mapping.success) throw inputError(mapping.error, content, placeIn(path));
  return mapping.data;
}

/** A report for a person to read. */
export function printTrace(report: TraceReport): string {
  const { system, lines, explained, bridged, refusal, contradictions, stopped } = report;
  const hidden = bridged.first.map(({ beforeLine, step }) => `  before ${beforeLine}: ${step}`);
  const more = bridged.steps - bridged.first.length;
  return [
    `${pc.bold(system)}${pc.dim(`  ${digits(lines)} lines, ${digits(explained)} of them explained`)}`,
    ...(bridged.steps > 0
      ? [
          '',
          `${digits(bridged.steps)} ${bridged.steps === 1 ? 'step that no line tells' : 'steps that no line tells'} of`,
          ...hidden,
        ]
      : []),
    ...(more > 0 ? [`  and ${digits(more)} more`] : []),
    ...(refusal ? ['', ...printRefusal(refusal)] : []),
    ...contradictions.map(
      ({ property, place, facts }) => `\n${property} is contradicted by the lines up to ${place}: ${facts}`,
    ),
    ...(stopped === undefined ? [] : ['', `not read to the end: ${stopped}`]),
    '',
    conclusion(report),
  ].join('\n');
}

function printRefusal({ place, told, because, allowed }: NonNullable<TraceReport['refusal']>): string[] {
  return [
    `${place}: no explanation after this line`,
    `  told: ${told}`,
    `  but: ${because}`,
    ...(allowed.length > 0 ? ['  allowed there:', ...allowed.map((each) => `    - ${each}`)] : []),
  ];
}

function conclusion({ verdict, refusal, stopped, contradictions }: TraceReport): string {
  if (verdict === 'holds') return pc.green('✓ a run of the specification explains every line');
  if (verdict === 'violated')
    return pc.red(
      contradictions.length > 0
        ? `✗ violated: ${contradictions.map(({ property }) => property).join(', ')}`
        : '✗ violated: no run of the specification explains these lines',
    );
  const bound =
    stopped ??
    (refusal ? `no explanation with ${refusal.bound}` : 'more slots than are remembered (--remember)');
  return pc.yellow(`? incomplete: ${bound}`);
}
