// The live web socket: connects, subscribes, notices when it has died, and comes back with growing pauses.
//
// It keeps no data. Whoever uses it asks for the whole picture again at each `onOpen`, so a gap loses nothing.
import { type LiveMessage, type Topic, topics } from './events';

export type LivePhase = 'connecting' | 'open' | 'lost';

export interface LiveState {
  phase: LivePhase;
  lastDataAt: number | null; // real milliseconds; null until something has come
  retryAt: number | null; // when the next attempt begins; null unless lost
}

export interface LiveHandlers {
  onOpen: () => void;
  onMessage: (message: LiveMessage) => void;
  onState: (state: LiveState) => void;
}

const silenceMaxMs = 10_000; // the clock comes every second: ten seconds of nothing is a dead line
const pauseMaxMs = 15_000;

// Half fixed, half by chance, so that a room full of consoles does not come back in one moment.
export function pauseBeforeMs(attempt: number, random: number): number {
  const full = Math.min(pauseMaxMs, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (full / 2) * random);
}

export class LiveConnection {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private lastDataAt: number | null = null;
  private heardAt = 0;
  private stopped = true;

  constructor(
    private readonly handlers: LiveHandlers,
    private readonly connect: () => WebSocket,
    private readonly options: { topics: readonly Topic[] } = { topics },
  ) {}

  start(): void {
    this.stopped = false;
    this.open();
    this.watch = setInterval(() => this.checkSilence(), 1000);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.watch);
    this.socket?.close();
    this.socket = null;
  }

  retryNow(): void {
    if (this.stopped || this.socket) return;
    clearTimeout(this.timer);
    this.open();
  }

  private open(): void {
    const socket = this.connect();
    this.socket = socket;
    this.heardAt = Date.now();
    if (this.lastDataAt === null) this.report('connecting');
    socket.onopen = () => {
      socket.send(JSON.stringify({ subscribe: this.options.topics }));
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(String(event.data));
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lose();
    };
  }

  private receive(text: string): void {
    let message: LiveMessage;
    try {
      message = JSON.parse(text) as LiveMessage;
    } catch {
      return; // one bad message never hides the good
    }
    this.heardAt = Date.now();
    this.lastDataAt = this.heardAt;
    if (message.kind === 'hello') {
      this.attempt = 0;
      this.report('open');
      this.handlers.onOpen();
    }
    this.handlers.onMessage(message);
  }

  private lose(): void {
    this.socket = null;
    if (this.stopped) return;
    const pause = pauseBeforeMs(this.attempt, Math.random());
    this.attempt += 1;
    this.report('lost', Date.now() + pause);
    this.timer = setTimeout(() => this.open(), pause);
  }

  private checkSilence(): void {
    if (!this.socket || Date.now() - this.heardAt < silenceMaxMs) return;
    const dead = this.socket;
    this.lose();
    dead.close();
  }

  private report(phase: LivePhase, retryAt: number | null = null): void {
    this.handlers.onState({ phase, lastDataAt: this.lastDataAt, retryAt });
  }
}
