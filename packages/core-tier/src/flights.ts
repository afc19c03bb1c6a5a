import { Flight } from './flight.ts';

/** The flights under way, one per key that later callers may join. */
export class Flights {
  readonly #flights = new Map<string, Flight>();
  /** what else would write the key: reads that copy upwards, and flights that everybody left */
  readonly #marks = new Map<string, Set<ReadMark>>();

  get size(): number {
    return this.#flights.size;
  }

  get(key: string): Flight | undefined {
    return this.#flights.get(key);
  }

  /** A newer flight for the key; an older one, if any, no longer counts. */
  start(key: string, startedAt: number, tick: number, tags: readonly string[]): Flight {
    const older = this.#flights.get(key);
    if (older !== undefined) older.fenced = true;
    const flight = new Flight(key, startedAt, tick, tags, (deserted) => this.#desert(deserted));
    this.#flights.set(key, flight);
    return flight;
  }

  /** A flight nobody can join, which still ends up unstored when its key changes. */
  alone(key: string, startedAt: number, tick: number, tags: readonly string[]): Flight {
    const flight = new Flight(key, startedAt, tick, tags, () => undefined);
    this.#add(flight);
    return flight;
  }

  end(flight: Flight): void {
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key);
    else this.unmark(flight);
  }

  /** Marks a read that wants to copy what it finds to the tiers above. */
  mark(key: string, brought = false): ReadMark {
    const mark: ReadMark = { key, fenced: false, brought };
    this.#add(mark);
    return mark;
  }

  unmark(mark: ReadMark): void {
    const marks = this.#marks.get(mark.key);
    if (marks?.delete(mark) && marks.size === 0) this.#marks.delete(mark.key);
  }

  /**
   * The key changed: whatever is under way for it is neither joined nor stored. A value that a caller brought gives way only to a later
   * write or delete of this process (`here`): what others did meanwhile it simply follows.
   */
  fence(key: string, here: boolean): void {
    const flight = this.#flights.get(key);
    if (flight !== undefined) {
      flight.fenced = true;
      flight.overtaken ||= !here;
      this.#flights.delete(key);
    }
    const marks = this.#marks.get(key);
    if (marks !== undefined) fenceMarks(marks, here);
  }

  fenceAll(here: boolean): void {
    for (const flight of this.#flights.values()) {
      flight.fenced = true;
      flight.overtaken ||= !here;
    }
    this.#flights.clear();
    for (const marks of this.#marks.values()) fenceMarks(marks, false);
  }

  all(): Iterable<Flight> {
    return this.#flights.values();
  }

  /** Everybody left: nobody may join, but if its value comes all the same it is kept, unless its key changed by then. */
  #desert(flight: Flight): void {
    if (this.#flights.get(flight.key) !== flight) return;
    this.#flights.delete(flight.key);
    this.#add(flight);
  }

  #add(mark: ReadMark): void {
    const marks = this.#marks.get(mark.key);
    if (marks === undefined) this.#marks.set(mark.key, new Set([mark]));
    else marks.add(mark);
  }
}

/** A read under way; fenced when its key changed meanwhile. */
export interface ReadMark {
  readonly key: string;
  fenced: boolean;
  /** it carries a value that a caller brought: only a later write of its key overtakes it */
  readonly brought?: boolean | undefined;
}

function fenceMarks(marks: ReadonlySet<ReadMark>, here: boolean): void {
  for (const mark of marks) if (here || mark.brought !== true) mark.fenced = true;
}
