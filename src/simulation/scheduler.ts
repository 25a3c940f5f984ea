/** What happens at which moment. Moments are milliseconds; what is due at one moment happens in the order in which it was asked for. */
export class Scheduler {
  /** A heap: the children of `at` are 2 at + 1 and 2 at + 2. */
  private readonly heap: { readonly time: number; readonly order: number; readonly call: () => void }[] = [];
  private ordered = 0;
  now = 0;

  /** Calls at a moment, or now, if that is over. */
  at(time: number, call: () => void): void {
    const { heap } = this;
    heap.push({ time: Math.max(time, this.now), order: this.ordered++, call });
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(at, parent)) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  /** Lets the next thing happen; false if there is none. */
  step(): boolean {
    const { heap } = this;
    const first = heap[0];
    if (!first) return false;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.sink();
    }
    this.now = first.time;
    first.call();
    return true;
  }

  /** Lets everything happen that is due by a moment; then it is that moment. */
  runTo(time: number): void {
    for (let first = this.heap[0]; first && first.time <= time; first = this.heap[0]) this.step();
    this.now = Math.max(this.now, time);
  }

  private sink(): void {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      if (left >= this.heap.length) return;
      const child = right < this.heap.length && this.isBefore(right, left) ? right : left;
      if (!this.isBefore(child, at)) return;
      this.swap(at, child);
      at = child;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const [one, other] = [this.heap[a]!, this.heap[b]!];
    return one.time < other.time || (one.time === other.time && one.order < other.order);
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b]!, this.heap[a]!];
  }
}
