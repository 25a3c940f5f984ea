import { testMutants } from './gallery.ts';

testMutants('stateful');
