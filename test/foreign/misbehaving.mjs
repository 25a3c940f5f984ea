/** An acceptor that misbehaves: `misbehaving.mjs KIND HOW`, where KIND is stateless, stateful or history, and HOW is `not` or one of `ways`. */
import { createInterface } from 'node:readline';

const [kind, how = 'not'] = process.argv.slice(2);
const initial = { promised: null, accepted: null };
const key = (ballot) => (ballot ? [ballot.round, ballot.proposer] : [0, '']);
const compare = (a, b) => {
  const [one, other] = [key(a), key(b)];
  return one[0] - other[0] || (one[1] < other[1] ? -1 : one[1] > other[1] ? 1 : 0);
};

/** The three acceptors that pass all vectors of shortest paths, and others that are wrong by their rules. */
const receive = (state, { type, ballot, value }) => {
  const order = compare(ballot, state.promised);
  if (type === 'prepare' && order > 0)
    return [{ ...state, promised: ballot }, [{ type: 'promise', ballot, accepted: state.accepted }]];
  if (type === 'prepare' && order < 0 && how === 'stale prepare lowers the promise')
    return [{ ...state, promised: ballot }, []];
  if (type === 'accept' && order >= 0) {
    const vote = { type: 'accepted', ballot, value };
    if (order === 0 && !state.accepted && how === 'stores nothing if it had promised') return [state, [vote]];
    const isDuplicate = state.accepted && compare(state.accepted.ballot, ballot) === 0;
    if (isDuplicate && how === 'duplicate accept wipes') return [{ ...state, accepted: null }, [vote]];
    return [{ promised: ballot, accepted: { ballot, value } }, [vote]];
  }
  return [state, []];
};

let state = initial;
let steps = 0;
/** What is remembered though nobody is told. */
let hidden = 0;

/** What is answered in the place of a right answer, at the first accept request. */
const instead = {
  'no JSON': () => 'DEBUG: here',
  'half a line': (id) => `{"id":${id},"state":`,
  'no object': (id) => `${id}`,
  'another id': (id, answer) => JSON.stringify({ ...answer, id: id + 1 }),
  'no id': (_id, answer) => JSON.stringify(answer),
  'a state that JavaScript rounds': (id) => `{"id":${id},"state":12345678901234567890,"send":[]}`,
  'a name twice': (id) => `{"id":${id},"id":${id},"state":{},"send":[]}`,
  'too deep': (id) => `{"id":${id},"state":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  'too long': (id) => `{"id":${id},"state":"${'x'.repeat(1 << 20)}"}`,
  'no state': (id) => JSON.stringify({ id, send: [] }),
  'a message of nobody': (id, answer) => JSON.stringify({ id, ...answer, send: [{ type: 'vote' }] }),
  'a ballot of round 0': (id, answer) =>
    JSON.stringify({
      id,
      ...answer,
      send: [{ type: 'accepted', ballot: { round: 0, proposer: 'p1' }, value: 'v1' }],
    }),
  'a message of another role': (id, answer) =>
    JSON.stringify({
      id,
      ...answer,
      send: [{ type: 'prepare', ballot: { round: 1, proposer: 'p1' } }],
    }),
  'another sender': (id, answer) =>
    JSON.stringify({ id, ...answer, send: (answer.send ?? []).map((each) => ({ ...each, from: 'a9' })) }),
  'a stranger told': (id, answer) =>
    JSON.stringify({ id, ...answer, send: (answer.send ?? []).map((each) => ({ ...each, to: 'a9' })) }),
  'something more': (id, answer) => JSON.stringify({ id, ...answer, sent: [] }),
  'not UTF-8': () => Buffer.from([0x7b, 0xff, 0x7d]),
};

const answer = ({ type, self, state: given, event }) => {
  if (type === 'hello')
    return {
      protocol: how === 'another version' ? 2 : 1,
      kind: kind === 'stateless' ? kind : 'stateful',
      restart: true,
    };
  if (kind === 'stateless') state = given ?? initial;
  if (type === 'reset' || type === 'init') {
    state = initial;
    if (how === 'grows') state = { ...state, count: 0 };
    if (how === 'another beginning') state = { ...state, at: process.pid };
    if (kind !== 'stateless') hidden = 0;
    void self;
  }
  if (type === 'restart' && how === 'dies in a restart') process.exit(3);
  let send = [];
  if (type === 'step') {
    const isAccept = event.message.type === 'accept';
    steps += 1;
    let seen = state;
    if (
      how === 'hidden duplicates' &&
      isAccept &&
      state.accepted &&
      compare(state.accepted.ballot, event.message.ballot) === 0
    )
      hidden = 1;
    if (how === 'hidden duplicates' && hidden && !isAccept) seen = { ...state, accepted: null };
    [state, send] = receive(seen, event.message);
    if (how === 'grows') state = { ...state, count: (seen.count ?? 0) + 1 };
    if (how === 'random') state = { ...state, at: Math.random() };
    if (how === 'remembers all' && steps > 10) send = [];
    if (how === 'by process' && isAccept) state = { ...state, at: process.pid };
    if (how === 'dies' && isAccept) {
      console.error('Traceback: no such ballot');
      process.exit(1);
    }
  }
  const isMute = kind === 'history' || (how === 'tells one state' && type === 'step');
  return { ...(isMute ? {} : { state }), ...(type === 'step' ? { send } : {}) };
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line);
  const right = answer(question);
  const isHere = question.type === 'step' && question.event.message.type === 'accept';
  if (how === 'hangs' && isHere) return;
  const text =
    isHere && instead[how] ? instead[how](question.id, right) : JSON.stringify({ id: question.id, ...right });
  process.stdout.write(text);
  process.stdout.write('\n');
  if (how === 'says more' && isHere) process.stdout.write('done\n');
});
