import { InputError } from '../input-error.ts';

/**
 * `synod node`: runs one node until SIGTERM or SIGINT. What only a node needs is loaded here, so that nothing else waits for it.
 *
 * @returns the exit status: 0 stopped as asked, 1 it could not go on, 2 bad input, or data that cannot be trusted
 */
export async function runNodeCommand({
  config: file,
  firstStart = false,
  trace,
}: {
  config: string;
  firstStart?: boolean;
  trace?: string;
}): Promise<number> {
  const [{ pino }, { readConfig }, { runNode }, { StorageError }] = await Promise.all([
    import('pino'),
    import('../node/config.ts'),
    import('../node/node.ts'),
    import('../node/interfaces.ts'),
  ]);
  const config = readConfig(file);
  const log = pino({ base: { node: config.node } }, pino.destination({ fd: 2, sync: true }));
  const node = await runNode(config, { firstStart, log, trace }).catch((error: Error) => {
    throw error instanceof StorageError ? new InputError(error.message) : error;
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      log.info({ signal }, 'the node stops');
      void node.stop();
    });
  return (await node.stopped) ? 1 : 0;
}
