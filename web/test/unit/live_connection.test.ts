import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveConnection, type LiveState, pauseBeforeMs } from '../../src/api/live_connection';

class FakeSocket {
  static made: FakeSocket[] = [];
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor() {
    FakeSocket.made.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.onclose?.();
  }
  greet() {
    this.onopen?.();
    this.onmessage?.({ data: '{"kind":"hello","seq":1,"at":"2026-01-01T00:00:00Z"}' });
  }
}
const last = () => FakeSocket.made.at(-1) as FakeSocket;

describe('LiveConnection', () => {
  let states: LiveState[];
  let opened: number;
  let connection: LiveConnection;
  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.made = [];
    states = [];
    opened = 0;
    connection = new LiveConnection(
      { onOpen: () => (opened += 1), onMessage: () => {}, onState: (state) => states.push(state) },
      () => new FakeSocket() as unknown as WebSocket,
    );
    connection.start();
  });
  afterEach(() => {
    connection.stop();
    vi.useRealTimers();
  });

  it('subscribes to everything and is open with the hello', () => {
    last().greet();
    expect(JSON.parse(last().sent[0] ?? '').subscribe).toContain('findings');
    expect(states.at(-1)?.phase).toBe('open');
    expect(opened).toBe(1);
  });

  it('comes back after a loss and asks for the whole picture again', () => {
    last().greet();
    last().close();
    expect(states.at(-1)?.phase).toBe('lost');
    expect(states.at(-1)?.lastDataAt).not.toBeNull();
    vi.advanceTimersByTime(600);
    expect(FakeSocket.made).toHaveLength(2);
    last().greet();
    expect(opened).toBe(2);
  });

  it('notices a line that is silent though open', () => {
    last().greet();
    vi.advanceTimersByTime(11_500);
    expect(states.some((state) => state.phase === 'lost')).toBe(true);
  });

  it('survives a broken message', () => {
    last().greet();
    last().onmessage?.({ data: '{oops' });
    expect(states.at(-1)?.phase).toBe('open');
  });

  it('retries at once when asked', () => {
    last().greet();
    last().close();
    connection.retryNow();
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('does nothing more once stopped', () => {
    last().greet();
    connection.stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(1);
  });
});

describe('pauseBeforeMs', () => {
  it('grows, is bounded, and is never the same for all', () => {
    expect(pauseBeforeMs(0, 1)).toBe(500);
    expect(pauseBeforeMs(3, 1)).toBe(4000);
    expect(pauseBeforeMs(50, 1)).toBe(15_000);
    expect(pauseBeforeMs(3, 0)).toBe(2000);
  });
});
