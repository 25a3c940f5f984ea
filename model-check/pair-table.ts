/** Cells up to which a table is a plain grid; above it, a hash table (4 Mi cells are 16 MiB). */
const GRID_LIMIT = 1 << 22;

/**
 * A map from two small non-negative integers to one (-1 where there is none): the lookup that every tabulated answer is
 * found by. It is a grid while the grid is small, and an open-addressing hash table once the grid would not be.
 */
export class PairTable {
  private rows = 16;
  private columnBits = 4;
  private cells: Int32Array = new Int32Array(this.rows << this.columnBits).fill(-1);
  private hashed = false;
  private used = 0;

  /** The value at (row, column), or -1. */
  get(row: number, column: number): number {
    if (!this.hashed) {
      if (row >= this.rows || column >> this.columnBits !== 0) return -1;
      return this.cells[(row << this.columnBits) | column] as number;
    }
    const cells = this.cells;
    const mask = cells.length / 3 - 1;
    for (let slot = hash(row, column) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 3;
      if (cells[at + 2] === -1) return -1;
      if (cells[at] === row && cells[at + 1] === column) return cells[at + 2] as number;
    }
  }

  set(row: number, column: number, value: number): void {
    if (!this.hashed && (row >= this.rows || column >> this.columnBits !== 0)) this.growGrid(row, column);
    if (!this.hashed) {
      this.cells[(row << this.columnBits) | column] = value;
      return;
    }
    if ((this.used + 1) * 6 > this.cells.length) this.growHash();
    this.insert(row, column, value);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.cells.byteLength;
  }

  private growGrid(row: number, column: number): void {
    let rows = this.rows;
    let bits = this.columnBits;
    while (row >= rows) rows *= 2;
    while (column >> bits !== 0) bits += 1;
    if (rows * 2 ** bits > GRID_LIMIT) {
      this.becomeHashed();
      return;
    }
    const cells = new Int32Array(rows << bits).fill(-1);
    for (let r = 0; r < this.rows; r++) {
      cells.set(this.cells.subarray(r << this.columnBits, (r + 1) << this.columnBits), r << bits);
    }
    this.cells = cells;
    this.rows = rows;
    this.columnBits = bits;
  }

  private becomeHashed(): void {
    const grid = this.cells;
    const bits = this.columnBits;
    this.hashed = true;
    this.used = 0;
    this.cells = new Int32Array(3 * 1024).fill(-1);
    grid.forEach((value, cell) => {
      if (value !== -1) this.set(cell >> bits, cell & ((1 << bits) - 1), value);
    });
  }

  private growHash(): void {
    const old = this.cells;
    this.cells = new Int32Array(old.length * 2).fill(-1);
    this.used = 0;
    for (let at = 0; at < old.length; at += 3) {
      if (old[at + 2] !== -1) this.insert(old[at] as number, old[at + 1] as number, old[at + 2] as number);
    }
  }

  private insert(row: number, column: number, value: number): void {
    const cells = this.cells;
    const mask = cells.length / 3 - 1;
    let slot = hash(row, column) & mask;
    while (cells[slot * 3 + 2] !== -1 && !(cells[slot * 3] === row && cells[slot * 3 + 1] === column)) {
      slot = (slot + 1) & mask;
    }
    if (cells[slot * 3 + 2] === -1) this.used += 1;
    cells[slot * 3] = row;
    cells[slot * 3 + 1] = column;
    cells[slot * 3 + 2] = value;
  }
}

function hash(row: number, column: number): number {
  let h = Math.imul(row, 0x9e3779b1) ^ Math.imul(column, 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
