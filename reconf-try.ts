import { planOf } from './src/simulation/plan.ts';
import { simulatePlan } from './src/simulation/simulate.ts';
import { runtimeMutants } from './src/simulation/mutants.ts';
const [first, last, name] = process.argv.slice(2);
const mutant = runtimeMutants.find((m) => m.name === name);
for (let seed = Number(first); seed <= Number(last); seed += mutant ? 1 : 1) {
  const t = Date.now();
  const plan = planOf(seed, { operations: 100 });
  const o = await simulatePlan(plan, mutant);
  console.log(seed, plan.moves.length, o.wrong ? JSON.stringify(o.wrong).slice(0, 300) : 'ok', o.count.slots, o.milliseconds, Date.now() - t);
}
