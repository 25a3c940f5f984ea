/** Whether facts, and what is asked of them, are symmetric: see checked-symmetry.ts. */
import { Correspondence, type Renaming } from './correspondence.ts';
import type { Claim, Group, Lens } from './facts.ts';

/** All that is seen, and all that is asked. */
interface Asked {
  readonly lenses: readonly Lens[];
  readonly groups: readonly Group[];
}

const text = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b).join();

/**
 * Pairs off the joint views that a generator turns into one another: each with one of the image fields, the first with
 * the first, and so on. A claim must then ask of the images what it asks of the fields.
 *
 * @returns a claim of which that is not so
 */
export function pairOff(
  { lenses, groups }: Asked,
  generator: number,
  toField: Int32Array,
): string | undefined {
  const over = (fields: readonly number[]) => lenses.filter((lens) => text(lens.fields) === text(fields));
  for (const lens of lenses) {
    const twin = over(lens.fields.map((field) => toField[field] as number))[over(lens.fields).indexOf(lens)];
    if (twin) lens.images[generator] = twin;
  }
  const numbers = (seen: readonly (Lens | undefined)[]) =>
    text(seen.map((lens) => (lens ? lenses.indexOf(lens) : -1)));
  for (const { facts, predicates } of groups) {
    const images = numbers(facts.map(({ lens }) => lens.images[generator]));
    const asks = (claim: Claim) =>
      groups.some(
        (other) =>
          other.predicates.some((predicate) => predicate.claim === claim) &&
          numbers(other.facts.map(({ lens }) => lens)) === images,
      );
    const alone = predicates.find(({ claim }) => !asks(claim));
    if (alone) return alone.claim.name;
  }
  return undefined;
}

/**
 * Whether facts see of a renamed local state what corresponds to what they see of the local state: the same is told
 * apart.
 *
 * @returns the fact of which that is not so
 */
export function asymmetricFact(
  { lenses }: Asked,
  { generator, actor, local, other, image }: Renaming,
): string | undefined {
  for (const { name, fields, views, images, pairs } of lenses) {
    const at = fields.indexOf(actor);
    if (at === -1) continue;
    const twin = images[generator];
    const to = twin?.fields.indexOf(other) ?? -1;
    const key = `${generator} ${at}`;
    const pair = pairs.get(key) ?? new Correspondence();
    pairs.set(key, pair);
    const [seen, renamed] = [views[at]?.ids.data[local], twin?.views[to]?.ids.data[image]];
    if (!pair.holds(seen as number, renamed as number)) return name;
  }
  return undefined;
}
