import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../node/machine.ts';
import { type Client, VALUE } from './load.ts';

/** Three nodes of etcd, with their clients' side by its JSON gateway. */
export class Etcd {
  private readonly children: readonly ChildProcess[];
  private readonly folder: string;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  private readonly ports: readonly number[];
  private leader = 0;

  /** Starts it and waits for a leader; null if etcd is not installed. */
  static async start(): Promise<Etcd | null> {
    if (spawnSync('etcd', ['--version']).status !== 0) return null;
    const etcd = new Etcd(await freePorts(6));
    await etcd.elected().catch(async (error) => {
      await etcd.stop();
      throw error;
    });
    return etcd;
  }

  private constructor(ports: readonly number[]) {
    this.ports = ports;
    this.folder = mkdtempSync(join(tmpdir(), 'synod-etcd-'));
    const initial = [0, 1, 2].map((at) => `e${at}=${this.url(at)}`).join(',');
    this.children = [0, 1, 2].map((at) =>
      spawn(
        'etcd',
        [
          ['--name', `e${at}`, '--data-dir', join(this.folder, `e${at}`), '--log-level', 'error'],
          ['--listen-peer-urls', this.url(at), '--initial-advertise-peer-urls', this.url(at)],
          ['--listen-client-urls', this.url(at + 3), '--advertise-client-urls', this.url(at + 3)],
          ['--initial-cluster', initial],
        ].flat(),
        { stdio: 'ignore' },
      ),
    );
  }

  /** A client, which talks to the leader. */
  open(): Client {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    return {
      put: async (key) => {
        const body = { key: base64(key), value: base64(VALUE) };
        return (await this.post(this.leader, '/v3/kv/put', body)).status === 200;
      },
      end: () => {},
    };
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    for (const child of this.children) child.kill('SIGKILL');
    await sleep(200);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private url(port: number): string {
    return `http://127.0.0.1:${this.ports[port]}`;
  }

  private post(at: number, path: string, body: object): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url(at + 3)}${path}`, { method: 'POST', agent: this.agent }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      sent.on('error', reject).end(JSON.stringify(body));
    });
  }

  private async elected(): Promise<void> {
    for (let look = 0; look < 200; look++) {
      for (const at of [0, 1, 2]) {
        const { text } = await this.post(at, '/v3/maintenance/status', {}).catch(() => ({ text: '{}' }));
        const { leader, header } = JSON.parse(text);
        this.leader = at;
        if (leader !== undefined && leader === header?.member_id) return;
      }
      await sleep(100);
    }
    throw new Error('etcd elects no leader');
  }
}
