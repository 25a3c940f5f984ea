/** Whether this is the nightly suite, which tries more of the same: `npm run test:nightly`. */
const nightly = process.env['SYNOD_NIGHTLY'] === '1';

/** How much of something is tried: so much in CI, and so much at night. */
export function budget({ ci, night }: { readonly ci: number; readonly night: number }): number {
  return nightly ? night : ci;
}
