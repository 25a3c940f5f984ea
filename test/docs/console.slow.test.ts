/** Documents show what is really printed: the commands that take long. */
import { expect, test } from 'vitest';
import { testDocuments } from './console.ts';
import { documents } from './documents.ts';

testDocuments('slow');

test('there are documents', () => {
  expect(documents()).toContain('README.md');
});
