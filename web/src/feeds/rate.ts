// Rows a second, from two looks at a growing count; smoothed, so that it can be read.
import { useEffect, useRef, useState } from 'react';

export function useRate(count: number): number {
  const last = useRef({ count, at: Date.now() });
  const [rate, setRate] = useState(0);
  useEffect(() => {
    const now = Date.now();
    const seconds = (now - last.current.at) / 1000;
    if (seconds < 0.5) return;
    const fresh = Math.max(0, count - last.current.count) / seconds;
    last.current = { count, at: now };
    setRate((before) => (before === 0 ? fresh : before * 0.6 + fresh * 0.4));
  }, [count]);
  return rate < 1 ? Math.round(rate * 10) / 10 : Math.round(rate);
}
