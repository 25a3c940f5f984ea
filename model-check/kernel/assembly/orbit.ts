/**
 * AssemblyScript. The representative of a state's orbit: `Orbits.canonise`. What it looks up is laid out by `../images.ts`. A symmetry is told by
 * its number times four, so that it is found in a row of words.
 */
import { Field, replaced, State, valueIn, WORD } from './state';

/** The symmetries, the identity included; 0 where none are made use of. */
export let order: u32 = 0;
/** How many fields are renamed: the first ones. */
export let renamed: u32 = 0;
/** By renamed field: where its images are. */
export let images: usize = 0;
/** By renamed field and symmetry: the field that its value comes from, times four. */
export let origins: usize = 0;
/** By field that the first one's value may come from: the least of its images, and which symmetries make it. */
export let heads: usize = 0;
export let headCount: u32 = 0;
/** Bytes of a row of these. */
export let headSize: u32 = 0;
/** Where this is worked out: for each renamed field the row of its images, then the symmetries that are left. */
export let race: usize = 0;

/** What was made of a state: the representative of its orbit, and the size of that. */
export let canonical: State = 0;
export let orbit: u32 = 0;

/** The images of a field's value plus 1, or 0 where they are not known: a row for each value, with a word for each symmetry. */
@unmanaged class Images {
  field: Field;
  rows: usize;
}
/** By value, in a row: the least image plus 1, or 0 where not all are known; how many symmetries make it; and these. */
@unmanaged class Head {
  field: Field;
  rows: usize;
}

/** Finds the representative of a state's orbit; false if an image is not known, or has no room in its field. */
export function canonise(state: State): bool {
  const list = race + WORD * renamed;
  let left = begin(state, list);
  if (left == 0) return false;
  const width = WORD * order;
  for (let at: u32 = 0; at < renamed; at++)
    store<u32>(race + WORD * at, <u32>(imagesOf(at).rows + width * valueIn(state, imagesOf(at).field)));
  for (let field: u32 = 1; field < renamed; field++) {
    const from = origins + width * field;
    let least = <u32>-1;
    let kept: u32 = 0;
    for (let at: u32 = 0; at < left; at++) {
      const symmetry = load<u32>(list + WORD * at);
      const image = load<u32>(<usize>load<u32>(race + load<u32>(from + symmetry)) + symmetry);
      if (image > least) continue;
      if (image < least) kept = 0;
      least = image;
      store<u32>(list + WORD * kept, symmetry);
      kept += 1;
    }
    left = kept;
    if (!put(field, least)) return false;
  }
  orbit = order / left;
  return true;
}

/** Has the first field decide: puts down the symmetries that make its image the least, and answers how many they are; 0 if that is not known. */
function begin(state: State, list: usize): u32 {
  let least = <u32>-1;
  let left: u32 = 0;
  for (let at: u32 = 0; at < headCount; at++) {
    const head = changetype<Head>(heads + at * offsetof<Head>());
    const row = head.rows + headSize * valueIn(state, head.field);
    const image = load<u32>(row);
    if (image > least) continue;
    if (image < least) left = 0;
    least = image;
    const count = load<u32>(row, WORD);
    for (let k: u32 = 0; k < count; k++)
      store<u32>(list + WORD * (left + k), load<u32>(row + WORD * k, 2 * WORD));
    left += count;
  }
  canonical = state;
  return put(0, least) ? left : 0;
}

/** Writes an image into a field; false if it has no room for it, or if it is not known: then it is 0, the least of all. */
// @ts-ignore: decorator
@inline function put(number: u32, image: u32): bool {
  const field = imagesOf(number).field;
  canonical = replaced(canonical, field, image - 1);
  return image - 1 <= field.mask;
}

// @ts-ignore: decorator
@inline function imagesOf(field: u32): Images {
  return changetype<Images>(images + field * offsetof<Images>());
}
