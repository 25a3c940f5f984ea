import { answer, type Finding, finding } from './answer.ts';
import { type Experiment, experiments } from './experiments.ts';

/** By experiment what the checker finds while the site is built: pages quote it, and compare with what they find themselves. */
export type Findings = Readonly<Record<string, { readonly whole?: Finding; readonly broken?: Finding }>>;

declare const data: Findings;

export { data };

export default {
  async load(): Promise<Findings> {
    const known = new Map<string, Finding>();
    const findingOf = async (question: Question) => {
      const key = JSON.stringify(question);
      const found = known.get(key) ?? finding(await answer(question));
      known.set(key, found);
      return found;
    };
    const found: Record<string, { whole?: Finding; broken?: Finding }> = {};
    for (const [name, { whole, broken }] of Object.entries<Experiment>(experiments)) {
      found[name] = {
        ...(whole ? { whole: await findingOf(whole) } : {}),
        ...(broken ? { broken: await findingOf(broken) } : {}),
      };
    }
    return found;
  },
};
