import { canonicalSet } from './canonical.ts';
import type { Claims } from './claims.ts';
import type { Steps } from './steps.ts';
import { asymmetricFact, pairOff } from './symmetric-facts.ts';
import { Symmetry } from './symmetry.ts';
import type { Envelope, System } from './system.ts';
import type { Tabulation } from './tabulate.ts';
import type { Tally } from './tally.ts';
import { SystemError } from './terms.ts';

/** What a symmetry is checked against. */
interface Parts<S, M extends Envelope, E> {
  readonly system: System<S, M, E>;
  readonly tabulation: Tabulation<S, M, E>;
  readonly claims: Claims<S, M, E>;
  readonly steps: Steps<S, M, E>;
  readonly tally: Tally | null;
}

/** The symmetries of a system, with all that is checked of them while the tables are filled (docs/decisions/0005). */
export function checkedSymmetry<S, M extends Envelope, E>(
  parts: Parts<S, M, E>,
  initial: Int32Array,
): Symmetry<S, M, E> {
  const { system, tabulation, claims, steps, tally } = parts;
  const symmetry = new Symmetry(system, tabulation, initial.length);
  const refuse = (what: string): never => {
    throw new SystemError(`${what} is not symmetric: expected --symmetry off`);
  };
  symmetry.forEachGenerator((generator, toField) => {
    const claim = pairOff(claims, generator, toField);
    if (claim !== undefined) refuse(claim);
  });
  symmetry.onRenamed = (renaming) => {
    const fact = asymmetricFact(claims, renaming);
    if (fact !== undefined) refuse(`the fact "${fact}"`);
    const offer = steps.asymmetric(renaming);
    if (offer !== undefined) refuse(offer);
  };
  symmetry.verifyInitial(initial);
  claims.onNewViews = (asked, locals) => {
    const here = asked.map((claim) => claims.nearest(claim, locals));
    const images: Int32Array[] = [];
    symmetry.forEachImage(locals, (image) => {
      const other = asked.find((claim, at) => claims.nearest(claim, image) !== here[at]);
      if (other) refuse(other.name);
      images.push(image);
    });
    // All images have the same ones: what one of them shows need not be looked at again.
    claims.meet(asked, images);
  };
  if (tally) {
    tally.onNewViews = (value, locals) => {
      symmetry.forEachImage(locals, (image) => {
        if (tally.valueIn(image) !== value) refuse(`the fact "${tally.name}"`);
      });
    };
  }
  steps.onNewReading = (actor, locals) => {
    if (!steps.meet(actor, locals)) return;
    const here = steps.readBy(actor, locals);
    symmetry.forEachImage(locals, (image, rename, toField) => {
      const other = toField[actor] as number;
      if (canonicalSet(here.map(rename)) !== canonicalSet(steps.readBy(other, image)))
        refuse(`what ${tabulation.nameOf(actor)} may do`);
      steps.meet(other, image);
    });
  };
  return symmetry;
}
