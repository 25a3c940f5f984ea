/** Replies of the Redis protocol, in its versions 2 and 3, as text of which each character is a byte. */

export type Protocol = 2 | 3;

const END = '\r\n';

export const ok = `+OK${END}`;
export const simple = (text: string) => `+${text}${END}`;
/** An error: its first word, in capitals, is its kind. */
export const failure = (text: string) => `-${text.replaceAll(/[\r\n]+/g, ' ')}${END}`;
export const whole = (number: number | string) => `:${number}${END}`;
export const bulk = (bytes: string) => `$${bytes.length}${END}${bytes}${END}`;
export const none = (protocol: Protocol) => (protocol === 3 ? `_${END}` : `$-1${END}`);
export const list = (replies: readonly string[]) => `*${replies.length}${END}${replies.join('')}`;

/** Replies by name; a list of both by turns in version 2. */
export function table(protocol: Protocol, entries: readonly (readonly [string, string])[]): string {
  const flat = entries.flatMap(([name, reply]) => [bulk(name), reply]);
  return protocol === 3 ? `%${entries.length}${END}${flat.join('')}` : list(flat);
}

/** Text in which characters may be more than a byte. */
export const text = (words: string) => bulk(Buffer.from(words).toString('latin1'));
