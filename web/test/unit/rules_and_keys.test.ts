import { describe, expect, it } from 'vitest';
import { backtestRows } from '../../src/rules/backtest_rows';
import { tomlTokens } from '../../src/rules/toml_tokens';
import { matchHotkey } from '../../src/ui/hotkeys';
import { cssVariables, palettes } from '../../src/ui/theme';

describe('a backtest', () => {
  const at = (s: number) => new Date(s * 1000).toISOString();
  it('gives each entity a row, the loudest first, and lets an open one run to the end', () => {
    const rows = backtestRows(
      [
        { about: 'a', openedAt: at(1), clearedAt: at(2) },
        { about: 'b', aboutName: 'B', openedAt: at(1), clearedAt: at(3) },
        { about: 'b', aboutName: 'B', openedAt: at(5) },
      ],
      10_000,
    );
    expect(rows.names).toEqual(['B', 'a']);
    expect(rows.bars[1]).toEqual({ row: 0, from: 5000, to: 10_000, open: true });
    expect(rows.leftOut).toBe(0);
  });
});

describe('the look of TOML', () => {
  const kinds = (line: string) => tomlTokens(line).map((token) => token.kind);
  it('knows tables, keys, values and comments', () => {
    expect(kinds('[[rule]]')).toEqual(['table']);
    expect(kinds('limit = 0.3 # metres')).toEqual(['key', 'plain', 'literal', 'plain', 'comment']);
    expect(kinds('# all of it')).toEqual(['comment']);
  });
  it('loses no character', () => {
    for (const line of ['name = { zh = "a#b", en = "c" }', '  [rule.response] # x', 'x = [1, 2.5, true]', ''])
      expect(
        tomlTokens(line)
          .map((token) => token.text)
          .join(''),
      ).toBe(line);
  });
});

describe('shortcuts', () => {
  const keys = { j: () => {}, 'g m': () => {}, m: () => {} };
  it('are one key or two', () => {
    expect(matchHotkey(keys, '', 'j')).toBe('j');
    expect(matchHotkey(keys, 'g', 'm')).toBe('g m');
    expect(matchHotkey(keys, 'g', 'j')).toBeUndefined();
    expect(matchHotkey(keys, '', 'x')).toBeUndefined();
  });
});

describe('colours', () => {
  // WCAG 2 contrast of two #rrggbb colours.
  const light = (hex: string) => {
    const part = (i: number) => {
      const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  };
  const contrast = (a: string, b: string) => {
    const [high = 0, low = 0] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  it.each(['light', 'dark'] as const)('can be read: %s', (mode) => {
    const p = palettes[mode];
    for (const ground of [p.surface, p.ground, p.raised]) {
      for (const text of [p.text, p.muted, p.accent, ...Object.values(p.stateText), ...Object.values(p.severity)])
        expect(contrast(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(p.onAccent, p.accent)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(p.text, p.fresh)).toBeGreaterThanOrEqual(4.5);
  });
  it('become custom properties', () => {
    expect(cssVariables(palettes.light)['--state-alarm']).toBe(palettes.light.state.alarm);
  });
});
