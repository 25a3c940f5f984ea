/** Logs in other words: a mapping says what each of their lines is as a line of a trace. */
import { z } from 'zod';
import { canonical } from '../../model-check/canonical.ts';

const Template = z.json();

/** A mapping file. */
export const TraceMapping = z.strictObject({
  format: z.literal('synod-trace-mapping/1'),
  /** The header of the trace, since the log has none. */
  header: z.record(z.string(), z.json()),
  /** Names in the log, as values anywhere in what `$` refers to, and ours in their place. */
  values: z.record(z.string(), z.json()).default({}),
  /** The first that fits makes the line. */
  lines: z
    .array(
      z.strictObject({
        /** By path into the line of the log, what is there: `{"msg.kind": "P1A"}`; null: nothing is. */
        when: z.record(z.string(), z.json()).default({}),
        /**
         * The line of the trace, in which a text `$.msg.from` is what stands there in the line of the log; what is missing there is
         * left out. Null: it tells of nothing.
         */
        becomes: Template,
      }),
    )
    .min(1),
});
export type TraceMapping = z.infer<typeof TraceMapping>;

/** The line of a trace that a line of a log stands for; null if it tells of nothing, undefined if the mapping does not know it. */
export function mapped({ lines, values }: TraceMapping, line: unknown): unknown {
  const rule = lines.find(({ when }) =>
    Object.entries(when).every(([path, value]) => same(at(line, path.split('.')), value)),
  );
  return rule && filled(rule.becomes, line, values);
}

const same = (found: unknown, value: unknown) =>
  value === null
    ? found === undefined || found === null
    : found !== undefined && canonical(found) === canonical(value);

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, key) =>
      typeof part === 'object' && part !== null && Object.hasOwn(part, key)
        ? (part as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function filled(template: unknown, line: unknown, values: TraceMapping['values']): unknown {
  if (typeof template === 'string') {
    if (!template.startsWith('$.')) return template;
    return renamed(at(line, template.slice(2).split('.')), values);
  }
  if (Array.isArray(template))
    return template.map((item) => filled(item, line, values)).filter((item) => item !== undefined);
  if (typeof template !== 'object' || template === null) return template;
  const entries = Object.entries(template).map(([key, item]) => [key, filled(item, line, values)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/** What a log holds, with its names replaced. */
function renamed(value: unknown, values: TraceMapping['values']): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, values));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, values)]));
  return Object.hasOwn(values, `${value}`) ? values[`${value}`] : value;
}
