/** What nodes send one another: the messages of the specification, where a snapshot is one of the store. */
import { z } from 'zod';
import { LogMessage, LogSnapshot } from '../../../spec/log/message.ts';
import { isMap } from '../store/map.ts';

type Machine = z.infer<typeof LogSnapshot>['machine'];

/** That a value is any JSON at all is what Zod takes longest for, a second for some megabytes: meanwhile the node would do nothing else. */
const StoreSnapshot = LogSnapshot.extend({ machine: z.custom<Machine>(isMap, { error: 'expected a map' }) });

export const NodeMessage = z.discriminatedUnion('type', [
  StoreSnapshot,
  ...LogMessage.options.filter((option) => option !== LogSnapshot),
]);
