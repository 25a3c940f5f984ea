import type { Role } from '../role.ts';
import { LogMessage } from './message.ts';
import { encodeCommand } from './state-machine.ts';
import { type ClientContext, ClientEvent, type ClientRule, ClientState } from './states.ts';

/** It asks. (To ask again for a command is to send the same message again.) */
const invoke: ClientRule = ({ id, leaders }, state, event) => {
  if (event.type !== 'invoke' || state.pending !== null) return undefined;
  const { kind, operation } = event;
  const number = state.number + 1;
  const message: LogMessage =
    kind === 'query'
      ? { type: 'read', from: id, to: leaders, number, query: operation }
      : { type: 'request', from: id, to: leaders, value: encodeCommand({ client: id, number, operation }) };
  return { state: { number, pending: { kind, operation } }, send: [message] };
};

/** The first answer to what it waits for. Those that come later, from other replicas, are ignored. */
const returns: ClientRule = (_context, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'reply') return undefined;
  if (state.pending === null || event.message.number !== state.number) return undefined;
  return { state: { ...state, pending: null }, send: [] };
};

/** A client: it may believe whichever replica answers first. */
export const client: Role<ClientContext, ClientState, ClientEvent, LogMessage> = {
  name: 'client',
  state: ClientState,
  event: ClientEvent,
  message: LogMessage,
  initial: { number: 0, pending: null },
  durable: ClientState.pick({ number: true }),
  rules: { invoke, return: returns },
};
