// One live stream for all that is on screen: who sits at the hub says what it wants, and gets the events of that. The
// stream is opened anew when more is wanted, behind the last event that was seen: nothing is missed and nothing comes
// twice. Runs in a worker that all tabs share, or in the page where the browser has none.

/** What a hub tells who sits at it. */
export type Told =
  | { kind: 'event'; want: string; event: unknown }
  /** From now on every event of these comes; what was before has to be read. */
  | { kind: 'open'; wants: string[] };

/** What a page tells the hub: all that it wants now. */
export interface Sync {
  path: string;
  wants: string[];
}

/** How often who sits at a hub says so, and after what silence its seat is free again. */
export const ALIVE_EVERY = 20_000;
const SILENCE_MAX = 180_000;
/** What nobody wants any more is kept for a moment: the next page often wants it again. */
const LINGER = 3000;
const GATHER = 15;
const BATCH = 15;
const RETRY_MAX = 10_000;
/** As many as the server takes. */
const WANTS_MAX = 64;

const EVENTS = ['message', 'values', 'latest', 'alert', 'attempt'];

interface Seat {
  wants: Set<string>;
  /** Those that it was told to be open. */
  open: Set<string>;
  told: Told[];
  tell: (told: Told[]) => void;
  heard: number;
}

interface Marked {
  for?: number[];
}

export class Hub {
  private readonly seats = new Map<object, Seat>();
  private path = '';
  private source: EventSource | undefined;
  private wants: string[] = [];
  private last = '';
  private opened = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private flushing: ReturnType<typeof setTimeout> | undefined;
  private retry = 500;

  constructor() {
    setInterval(() => this.look(), ALIVE_EVERY);
  }

  /** Says what `who` wants from now on, all of it; said again and again by who is still there. */
  sync(who: object, { path, wants }: Sync, tell: (told: Told[]) => void): void {
    let seat = this.seats.get(who);
    if (!seat) this.seats.set(who, (seat = { wants: new Set(), open: new Set(), told: [], tell, heard: 0 }));
    this.path = path;
    seat.heard = Date.now();
    seat.wants = new Set(wants);
    for (const want of seat.open) if (!seat.wants.has(want)) seat.open.delete(want);
    this.arrange();
  }

  leave(who: object): void {
    if (this.seats.delete(who)) this.arrange();
  }

  private look(): void {
    const oldest = Date.now() - SILENCE_MAX;
    for (const [who, seat] of this.seats) if (seat.heard < oldest) this.leave(who);
  }

  private arrange(): void {
    const needed = new Set([...this.seats.values()].flatMap(seat => [...seat.wants]));
    const more = [...needed].some(want => !this.wants.includes(want));
    const fewer = this.wants.some(want => !needed.has(want));
    clearTimeout(this.timer);
    if (more) this.timer = setTimeout(() => this.connect(), GATHER);
    else if (fewer) this.timer = setTimeout(() => this.connect(), LINGER);
    else if (!this.source && needed.size > 0) this.timer = setTimeout(() => this.connect(), this.retry);
    this.greet();
  }

  private connect(): void {
    this.source?.close();
    this.source = undefined;
    this.opened = false;
    this.wants = [...new Set([...this.seats.values()].flatMap(seat => [...seat.wants]))]
      .sort()
      .slice(0, WANTS_MAX);
    if (this.wants.length === 0) {
      this.last = '';
      return;
    }
    const query = this.wants.map(want => `want=${encodeURIComponent(want)}`).join('&');
    const after = this.last ? `&after=${encodeURIComponent(this.last)}` : '';
    const source = new EventSource(`${this.path}?${query}${after}`);
    this.source = source;
    for (const name of EVENTS) source.addEventListener(name, event => this.take(source, event));
    source.addEventListener('at', event => this.seen(source, event));
    // Something that was there is no longer kept: everybody reads what there is.
    source.addEventListener('gap', event => {
      this.seen(source, event);
      for (const seat of this.seats.values()) seat.open.clear();
      this.greet();
    });
    source.onerror = () => {
      if (source !== this.source || source.readyState !== EventSource.CLOSED) return;
      // The browser gives up after an error status, such as while the server starts; we do not.
      this.source = undefined;
      this.opened = false;
      this.retry = Math.min(RETRY_MAX, this.retry * 2);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.connect(), this.retry);
    };
  }

  private seen(source: EventSource, event: MessageEvent<string>): void {
    if (source !== this.source) return;
    this.last = event.lastEventId;
    this.retry = 500;
    if (!this.opened) {
      this.opened = true;
      this.greet();
    }
  }

  private take(source: EventSource, event: MessageEvent<string>): void {
    if (source !== this.source) return;
    this.seen(source, event);
    const said = JSON.parse(event.data) as Marked;
    for (const place of said.for ?? []) {
      const want = this.wants[place]!;
      for (const seat of this.seats.values()) {
        if (seat.wants.has(want)) this.say(seat, { kind: 'event', want, event: said });
      }
    }
  }

  /** Tells everybody what is open since they asked. */
  private greet(): void {
    if (!this.opened) return;
    for (const seat of this.seats.values()) {
      const wants = [...seat.wants].filter(want => this.wants.includes(want) && !seat.open.has(want));
      if (wants.length === 0) continue;
      for (const want of wants) seat.open.add(want);
      this.say(seat, { kind: 'open', wants });
    }
  }

  private say(seat: Seat, told: Told): void {
    seat.told.push(told);
    this.flushing ??= setTimeout(() => {
      this.flushing = undefined;
      for (const one of this.seats.values()) {
        if (one.told.length > 0) one.tell(one.told);
        one.told = [];
      }
    }, BATCH);
  }
}
