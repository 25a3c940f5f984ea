/** A worker thread that helps with a check. */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Mail } from '../../model-check/parallel/mail.ts';
import { type Post, work } from '../../model-check/parallel/worker.ts';

const { post, port } = workerData as { readonly post: Post; readonly port: MessagePort };

work(post, () => receiveMessageOnPort(port)?.message as Mail | undefined);
