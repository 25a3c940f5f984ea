import { encodeKeyValue, type KeyValues, keyValue } from '../../spec/log/key-value.ts';
import type { Operation } from './format.ts';

/** Gives distinct texts distinct numbers, from 0 on. */
class Numbers {
  readonly texts: string[] = [];
  private readonly known = new Map<string, number>();

  of(text: string): number {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    this.known.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

/** The key-value machine of the specification, asked each question once: its states, commands and replies are small integers. */
export class Tabulated {
  private readonly states = new Numbers();
  private readonly commands = new Numbers();
  private readonly replies = new Numbers();
  /** By state, then by command. */
  private readonly table: Map<number, { readonly state: number; readonly reply: number }>[] = [];
  readonly initial = this.states.of(JSON.stringify(keyValue.initial));

  command(command: Operation['command']): number {
    return this.commands.of(encodeKeyValue(command));
  }

  reply(reply: NonNullable<Operation['reply']>): number {
    return this.replies.of(JSON.stringify(reply));
  }

  replyOf(number: number): NonNullable<Operation['reply']> {
    return JSON.parse(this.replies.texts[number]!);
  }

  stateOf(number: number): KeyValues {
    return JSON.parse(this.states.texts[number]!);
  }

  apply(state: number, command: number): { readonly state: number; readonly reply: number } {
    this.table[state] ??= new Map();
    const row = this.table[state];
    const known = row.get(command);
    if (known) return known;
    const effect = keyValue.apply(this.stateOf(state), this.commands.texts[command]!);
    const answer = {
      state: this.states.of(JSON.stringify(effect.state)),
      reply: this.replies.of(effect.reply),
    };
    row.set(command, answer);
    return answer;
  }
}
