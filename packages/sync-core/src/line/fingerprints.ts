/**
 * A multiset of names of which only 52 bits each are kept. Something that was added is always found; something that was not is found by
 * mistake once in some 10^10 questions. In exchange a name takes 16 bytes, and the garbage collector has nothing to look at: a map of a
 * hundred thousand names, whose entries come and go, takes several times as long.
 */
export interface Fingerprints {
  add(print: number): void;
  /** Takes one of it away; it must be there. */
  delete(print: number): void;
  has(print: number): boolean;
}

const FIRST_SLOTS = 1024;
const EMPTY = 0;

/** Open addressing with linear probing; deletion moves what follows back, so that there are no tombstones. */
export function createFingerprints(): Fingerprints {
  let slots = new Float64Array(FIRST_SLOTS);
  let count = 0;

  // Slots are a power of two; the lower half of a fingerprint is spread evenly.
  const homeOf = (print: number): number => (print >>> 0) & (slots.length - 1);
  const after = (slot: number): number => (slot + 1) & (slots.length - 1);

  function put(print: number): void {
    let slot = homeOf(print);
    while (slots[slot] !== EMPTY) slot = after(slot);
    slots[slot] = print;
  }

  function find(print: number): number | null {
    for (let slot = homeOf(print); slots[slot] !== EMPTY; slot = after(slot)) if (slots[slot] === print) return slot;
    return null;
  }

  function grow(): void {
    const before = slots;
    slots = new Float64Array(before.length * 2);
    for (const print of before) if (print !== EMPTY) put(print);
  }

  return {
    add(print) {
      count += 1;
      if (count * 2 > slots.length) grow();
      put(print);
    },
    delete(print) {
      let gap = find(print);
      if (gap === null) return;
      count -= 1;
      for (let slot = after(gap); ; slot = after(slot)) {
        const next = slots[slot] ?? EMPTY;
        if (next === EMPTY) break;
        const home = homeOf(next);
        // It may fill the gap unless it would then lie before its home.
        const staysPut = gap < slot ? gap < home && home <= slot : gap < home || home <= slot;
        if (staysPut) continue;
        slots[gap] = next;
        gap = slot;
      }
      slots[gap] = EMPTY;
    },
    has: (print) => find(print) !== null,
  };
}

/** 2^20: the upper hash gives so many bits of a fingerprint, the lower all its 32. */
const UPPER = 0x10_0000;

/** @param kind names of different kinds have different fingerprints. @returns a whole number from 1 to 2^52. */
export function fingerprint(kind: number, name: string): number {
  let lower = 0x811c9dc5 ^ kind;
  let upper = 0x9e3779b9 ^ kind;
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    // FNV-1a, and the same over another prime with a rotation, so that the two do not collide together.
    lower = Math.imul(lower ^ code, 0x01000193);
    upper = Math.imul((upper << 5) | (upper >>> 27), 0x85ebca6b) ^ code;
  }
  return (mix(upper) % UPPER) * 2 ** 32 + mix(lower) + 1;
}

/** The finish of MurmurHash3: every bit that comes in changes about half of those that go out. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
