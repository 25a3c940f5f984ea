import { testMutants } from './gallery.ts';

testMutants('stateless');
