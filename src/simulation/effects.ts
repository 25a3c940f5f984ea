/** What has come of what goes wrong, counted where a node or a message meets it: a fault that meets nothing tests nothing. With each, how it is told. */
export const EFFECTS = {
  lost: 'messages lost',
  duplicated: 'messages sent twice',
  delayed: 'messages delayed',
  overtaken: 'messages overtaken on their way',
  cutOff: 'messages stopped by a partition',
  cutOffOneWay: 'messages stopped by a partition of one way',
  crashes: 'crashes',
  unsynced: 'unsynced writes lost',
  torn: 'writes torn',
  refused: 'damaged disks refused',
  full: 'writes to a full disk',
  slow: 'writes to a slow disk',
  waited: 'events that waited for a node that stood still',
  drifted: 'timers of a clock that drifts',
  moved: 'changes of who votes',
} as const;

export type Effect = keyof typeof EFFECTS;
export type Effects = Readonly<Record<Effect, number>>;

/** Counts one, or several, of an effect. */
export type Count = (effect: Effect, times?: number) => void;

/** Each effect with a number. */
export function effectsBy(numberOf: (effect: Effect) => number): Effects {
  const effects = Object.keys(EFFECTS) as Effect[];
  return Object.fromEntries(
    effects.map((effect) => [effect, numberOf(effect)] as const),
  ) as unknown as Effects;
}
