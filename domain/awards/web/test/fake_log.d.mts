import type { Growth } from '../audit/verify';

export class FakeLog {
  append(one: { kind: string; subject: string; cycle: string; by: string; content: string }): object;
  growth(from: number): Growth;
}
