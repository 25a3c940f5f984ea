import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refused, told } from '../../src/node/resp/commands.ts';
import { ProtocolError, RequestReader } from '../../src/node/resp/reader.ts';
import { Session } from '../../src/node/resp/session.ts';
import { budget } from '../budget.ts';

const request = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
const bytes = (text: string) => Buffer.from(text, 'latin1');

/** All requests in some bytes, cut as told. */
function readAll(text: string, cuts: readonly number[] = []): string[][] {
  const reader = new RequestReader();
  const found: string[][] = [];
  const whole = bytes(text);
  const ends = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    reader.push(whole.subarray(from, end));
    for (let words = reader.read(); words; words = reader.read()) found.push(words);
    from = end;
  }
  return found;
}

describe('requests', () => {
  const word = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((unit) => String.fromCharCode(unit)) });
  const requests = fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { maxLength: 5 });

  test('come out as they went in, however they are cut', () => {
    fc.assert(
      fc.property(requests, fc.array(fc.nat(), { maxLength: 20 }), (all, cuts) => {
        expect(readAll(all.map((words) => request(...words)).join(''), cuts)).toEqual(all);
      }),
      { numRuns: 500 },
    );
  });

  test('may be lines; empty ones are passed over', () => {
    expect(readAll('PING\r\n\r\n*0\r\n*-1\r\nset  a\tb\n')).toEqual([['PING'], ['set', 'a', 'b']]);
  });

  test.each([
    ['*x\r\n', 'invalid multibulk length'],
    ['*99999\r\n', 'invalid multibulk length'],
    ['*1\r\n:1\r\n', "expected '$', got ':'"],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$1048577\r\n', 'invalid bulk length'],
    ['*1\r\n$1\r\nxyz', 'expected a line to end after a bulk string'],
    ['x'.repeat(20_000), 'too big inline request'],
    [
      `*9\r\n${`$1048576\r\n${'x'.repeat(1048576)}\r\n`.repeat(8)}$1\r\n`,
      'a request of more than 8388608 bytes',
    ],
  ])('that are none are refused: %j', (text, reason) => {
    expect(() => readAll(text)).toThrow(new ProtocolError(reason));
  });

  test('that are damaged are refused, or are others; nothing is thrown but that, and no more is kept than has come', () => {
    fc.assert(
      fc.property(
        requests,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 5 }),
        (all, changes) => {
          const text = bytes(all.map((words) => request(...words)).join(''));
          for (const [at, byte] of changes) if (text.length > 0) text[at % text.length] = byte;
          const reader = new RequestReader();
          reader.push(text);
          try {
            while (reader.read()) expect(reader.waiting).toBeLessThan(text.length);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
          expect(reader.waiting).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: budget({ ci: 5000, night: 100_000 }) },
    );
  });
});

describe('a session', () => {
  const session = (password?: string) => new Session({ password, version: '1', info: () => 'a:1\r\n' }, 7);
  const reply = (of: Session, ...words: string[]) => {
    try {
      const understood = of.understand(words);
      return 'reply' in understood ? understood.reply : understood.command;
    } catch (error) {
      if (error instanceof Refused) return error.message;
      throw error;
    }
  };

  test.each([
    [['GET', 'k'], { op: 'get', key: 'k' }],
    [['set', 'k', 'v', 'nx', 'GET'], { op: 'set', key: 'k', value: 'v', if: 'absent', get: true }],
    [['SET', 'k', 'v', 'XX'], { op: 'set', key: 'k', value: 'v', if: 'present' }],
    [['SET', 'k', 'v', 'NX', 'XX'], 'ERR syntax error'],
    [['SET', 'k', 'v', 'EX', '10'], 'ERR the option EX of SET is not supported: keys do not expire'],
    [
      ['MSET', 'a', '1', 'b', '2'],
      {
        op: 'mset',
        pairs: [
          ['a', '1'],
          ['b', '2'],
        ],
      },
    ],
    [['MSET', 'a', '1', 'b'], "ERR wrong number of arguments for 'mset' command"],
    [['GET'], "ERR wrong number of arguments for 'get' command"],
    [['GET', 'k'.repeat(16_385)], 'ERR a key of 16385 bytes; at most 16384'],
    [['EXPIRE', 'k', '1'], "ERR unknown command 'EXPIRE': not supported; COMMAND lists what is"],
    [['__proto__'], "ERR unknown command '__proto__': not supported; COMMAND lists what is"],
    [['PING'], '+PONG\r\n'],
    [['PING', 'hi'], '$2\r\nhi\r\n'],
    [['CLIENT', 'SETINFO', 'lib-name', 'x'], '+OK\r\n'],
    [['CLIENT', 'KILL', 'x'], "ERR unknown subcommand 'KILL' of CLIENT: not supported"],
    [['SELECT', '1'], 'ERR DB index is out of range: there is one, 0'],
    [['INFO'], '$5\r\na:1\r\n\r\n'],
    [['COMMAND', 'COUNT'], ':15\r\n'],
    [
      ['COMMAND', 'INFO', 'get'],
      '*1\r\n*6\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n',
    ],
  ])('understands %j', (words, expected) => {
    expect(reply(session(), ...words)).toEqual(expected);
  });

  test('asks for the password first, if there is one', () => {
    const asked = session('secret');
    expect(reply(asked, 'GET', 'k')).toBe('NOAUTH Authentication required.');
    expect(reply(asked, 'HELLO', '3')).toMatch(/^NOAUTH/);
    expect(reply(asked, 'AUTH', 'guess')).toMatch(/^WRONGPASS/);
    expect(reply(asked, 'AUTH', 'other', 'secret')).toMatch(/^WRONGPASS/);
    expect(reply(asked, 'HELLO', '3', 'AUTH', 'default', 'secret')).toMatch(/^%7\r\n/);
    expect(reply(asked, 'GET', 'k')).toEqual({ op: 'get', key: 'k' });
  });

  test('speaks version 2 until it is asked for version 3', () => {
    const own = session();
    expect(reply(own, 'HELLO')).toMatch(/^\*14\r\n/);
    expect(reply(own, 'HELLO', '4')).toMatch(/^NOPROTO/);
    expect(own.protocol).toBe(2);
    reply(own, 'HELLO', '3');
    expect(own.protocol).toBe(3);
  });

  test('throws nothing but refusals, whatever it is asked', () => {
    const words = fc.array(
      fc.oneof(
        fc.constantFrom(
          'hello',
          'auth',
          'client',
          'command',
          'info',
          'set',
          'get',
          'mset',
          'del',
          '3',
          'AUTH',
          'NX',
          'GET',
          'setname',
        ),
        fc.string({ maxLength: 8 }),
      ),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(words, (all) => {
        reply(session('secret'), ...all);
        reply(session(), ...all);
      }),
      { numRuns: budget({ ci: 3000, night: 100_000 }) },
    );
  });

  test('tells replies in either version', () => {
    const get = { op: 'get' as const, key: 'k' };
    expect([told(get, null, 2), told(get, null, 3), told(get, 'v', 2)]).toEqual([
      '$-1\r\n',
      '_\r\n',
      '$1\r\nv\r\n',
    ]);
    expect(told({ op: 'mget', keys: ['a', 'b'] }, ['1', null], 2)).toBe('*2\r\n$1\r\n1\r\n$-1\r\n');
    expect(told({ op: 'incr', key: 'k' }, '12', 2)).toBe(':12\r\n');
    expect(told({ op: 'incr', key: 'k' }, { error: 'ERR no' }, 2)).toBe('-ERR no\r\n');
  });
});
