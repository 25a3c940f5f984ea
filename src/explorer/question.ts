/** What a page asks the checker: the system, what differs from its defaults, and a broken rule, if any. */
export interface Question {
  /** A name that the command line knows, or the path of a module of the checkout. */
  readonly system: string;
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly mutant?: string;
  /** These properties only. */
  readonly properties?: readonly string[];
  /** A situation to be reached, or a property to be broken, in place of the properties: the shortest way there is asked for. */
  readonly goal?: string;
}

/** The same question on the command line. */
export function commandFor({ system, configuration = {}, mutant, properties = [] }: Question): string {
  const flags = Object.entries(configuration).map(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return flag;
    // Quorums come from a file.
    if (isObject(value)) return `${flag} <(echo '${JSON.stringify(value)}')`;
    return `${flag} ${value}`;
  });
  return [
    `synod check ${system}`,
    ...flags,
    ...(mutant === undefined ? [] : [`--mutant ${mutant}`]),
    ...properties.map((name) => `--property ${name}`),
  ].join(' ');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
