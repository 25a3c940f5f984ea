import type { Counterexample, CounterexampleStep } from '../../model-check/index.ts';
import type { AnySystem } from '../systems.ts';

/**
 * A counterexample as a Mermaid sequence diagram: an arrow for each message, where it is received; a note for each other
 * step, and for what goes wrong at the end.
 */
export function mermaid({ property, steps, facts }: Counterexample, system: AnySystem): string {
  const involved = new Set(steps.flatMap(({ actor, message }) => [actor, ...senderOf(message)]));
  const lanes = system.actors.map(({ name }) => name).filter((name) => involved.has(name));
  const ids = new Map(lanes.map((name, at) => [name, isPlain(name) ? name : `lane${at + 1}`]));
  const id = (name: string) => ids.get(name) ?? name;
  const over = [...new Set([lanes[0], lanes[lanes.length - 1]])].flatMap((name) =>
    name === undefined ? [] : id(name),
  );
  const lines = steps
    .flatMap((step) => [arrow(step, system, id), note(step, id)])
    .filter((line) => line !== '');
  return [
    'sequenceDiagram',
    '  autonumber',
    ...lanes.map((name) => `  participant ${id(name)}${isPlain(name) ? '' : ` as ${escaped(name)}`}`),
    ...lines.map((line) => `  ${line}`),
    ...(over.length === 0
      ? []
      : [`  Note over ${over.join()}: ${escaped(`${property} is violated: ${facts}`)}`]),
    '',
  ].join('\n');
}

type Naming = (actor: string) => string;

function arrow({ actor, message }: CounterexampleStep, system: AnySystem, id: Naming): string {
  const [from] = senderOf(message);
  if (from === undefined) return '';
  return `${id(from)}->>${id(actor)}: ${escaped(system.show?.(message) ?? JSON.stringify(message))}`;
}

function note({ actor, message, text, changed }: CounterexampleStep, id: Naming): string {
  if (message !== null && changed.length === 0) return '';
  return `Note over ${id(actor)}: ${escaped(text)}`;
}

function senderOf(message: CounterexampleStep['message']): string[] {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return [];
  return typeof message['from'] === 'string' ? [message['from']] : [];
}

/** Whether Mermaid takes a name as it is: one word, and none of its own. */
function isPlain(name: string): boolean {
  return /^[a-z][a-z0-9_]*$/i.test(name) && !OWN_WORDS.test(name);
}

const OWN_WORDS =
  /^(lane\d+|sequenceDiagram|box|participant|actor|create|destroy|as|loop|rect|opt|alt|else|par|par_over|and|critical|option|break|end|links?|properties|details|over|note|activate|deactivate|title|accTitle|accDescr|autonumber|off|left|right)$/i;

/**
 * Mermaid ends a text at a line break or a semicolon, reads # as the start of an entity and two % as that of a directive or
 * a comment, and takes tags for HTML.
 */
function escaped(text: string): string {
  return text.replace(/[#;<>]|%(?=%)/g, (sign) => `#${sign.charCodeAt(0)};`).replace(/[\r\n]+/g, ' ');
}
