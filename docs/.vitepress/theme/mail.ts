/** What a page and its worker say to one another. */
import type { Progress } from '../../../model-check/index.ts';
import type { Question } from '../../../src/explorer/question.ts';
import type { Answer } from '../site/answer.ts';

/** To the worker. */
export type Asked = Question | 'stop';

/** From the worker. */
export type Told = { readonly progress: Progress } | { readonly found: Answer } | { readonly wrong: string };
