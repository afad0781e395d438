// Colours of the console, light and dark: the only place where a colour is written.
// State colours keep their order of lightness too, and each state has its own shape, so that nobody needs to tell hues apart.
import type { ThemeConfig } from 'antd';
import { theme as antdTheme } from 'antd';
import type { EntityState, Severity } from '../api/schema';

export type Mode = 'light' | 'dark';

export interface Palette {
  ground: string; // behind everything
  surface: string; // panels
  raised: string; // hover, selected
  line: string;
  text: string;
  muted: string;
  accent: string;
  accentSoft: string;
  onAccent: string;
  fresh: string;
  state: Record<EntityState, string>;
  stateText: Record<EntityState, string>;
  severity: Record<Severity, string>;
  crew: string[]; // one beside another, each dark or light enough for the text upon it (onCrew)
  onCrew: string;
  scale: string[]; // worst to best in five steps, told apart by lightness too
  map: {
    ground: string;
    grid: string;
    road: string;
    roadEdge: string;
    water: string;
    green: string;
    border: string;
    label: string;
  };
}

export const palettes: Record<Mode, Palette> = {
  light: {
    ground: '#f1f3f5',
    surface: '#ffffff',
    raised: '#eaf0f5',
    line: '#d8dee4',
    text: '#17222d',
    muted: '#52606d',
    accent: '#14578c',
    accentSoft: '#e2edf6',
    onAccent: '#ffffff',
    fresh: '#fff3d6',
    state: { ok: '#2a9187', warn: '#e09112', alarm: '#cc3311', stale: '#8c97a3', unknown: '#a9b3bc' },
    stateText: { ok: '#17695f', warn: '#8a5300', alarm: '#b0270c', stale: '#5d6873', unknown: '#5d6873' },
    severity: { minor: '#52606d', moderate: '#8a5300', severe: '#b0270c', extreme: '#8a0f4a' },
    crew: ['#0b66a8', '#a84a14', '#24714a', '#843a9b', '#7d6200', '#b62a54', '#33636f', '#5055bd'],
    onCrew: '#ffffff',
    scale: ['#8f2412', '#b1521f', '#66707a', '#2b7f78', '#0f5a55'],
    map: {
      ground: '#eef0ee',
      grid: '#e2e6e4',
      road: '#ffffff',
      roadEdge: '#cfd5d8',
      water: '#c4dbe8',
      green: '#d7e5d2',
      border: '#9aa7b3',
      label: '#3d4a56',
    },
  },
  dark: {
    ground: '#0e141a',
    surface: '#151d25',
    raised: '#1f2a35',
    line: '#2a3642',
    text: '#dde5ec',
    muted: '#9aa9b7',
    accent: '#6fb1ea',
    accentSoft: '#1b3247',
    onAccent: '#0b1a27',
    fresh: '#3a3119',
    state: { ok: '#37a79c', warn: '#f2ad3f', alarm: '#ff6a4d', stale: '#6c7985', unknown: '#55616c' },
    stateText: { ok: '#5cc4b9', warn: '#f5bb5c', alarm: '#ff8a72', stale: '#9aa9b7', unknown: '#9aa9b7' },
    severity: { minor: '#a9b6c2', moderate: '#f5bb5c', severe: '#ff8a72', extreme: '#ff86bd' },
    crew: ['#62b0ec', '#f0955b', '#63c08d', '#cf92e0', '#d8b53a', '#f58cab', '#7fbccb', '#a3a8f2'],
    onCrew: '#0b1a27',
    scale: ['#ff7a5e', '#f3a56b', '#a3b1be', '#6fc7bd', '#a6ebe2'],
    map: {
      ground: '#10171e',
      grid: '#17212a',
      road: '#2b3844',
      roadEdge: '#0b1116',
      water: '#14303f',
      green: '#16281f',
      border: '#4a5865',
      label: '#a8b5c1',
    },
  },
};

// The palette as custom properties, for the style sheets.
export function cssVariables(palette: Palette): Record<string, string> {
  const flat: Record<string, string> = {};
  const walk = (prefix: string, value: string | object) => {
    if (typeof value === 'string') flat[prefix] = value;
    else for (const [key, inner] of Object.entries(value)) walk(`${prefix}-${key}`, inner as string | object);
  };
  for (const [key, value] of Object.entries(palette)) walk(`--${key}`, value as string | object);
  return flat;
}

export const fontFamily = `"Inter", "Segoe UI", system-ui, -apple-system, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif`;

export function antdThemeOf(mode: Mode): ThemeConfig {
  const p = palettes[mode];
  return {
    algorithm: mode === 'dark' ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    token: {
      colorPrimary: p.accent,
      colorTextLightSolid: p.onAccent,
      colorBgBase: p.surface,
      colorBgLayout: p.ground,
      colorBgContainer: p.surface,
      colorBgElevated: p.surface,
      colorFillAlter: p.ground,
      colorText: p.text,
      colorTextSecondary: p.muted,
      colorTextTertiary: p.muted,
      colorTextDescription: p.muted,
      colorTextPlaceholder: p.muted,
      colorBorder: p.line,
      colorBorderSecondary: p.line,
      colorError: p.stateText.alarm,
      colorWarning: p.stateText.warn,
      colorSuccess: p.stateText.ok,
      colorInfo: p.accent,
      colorLink: p.accent,
      borderRadius: 5,
      fontSize: 13,
      fontFamily,
      controlHeight: 30,
      wireframe: false,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
    },
    components: {
      Table: { headerBg: p.surface, headerColor: p.muted, cellPaddingBlockSM: 6, headerSplitColor: 'transparent' },
      Button: {
        colorError: p.stateText.alarm,
        colorErrorHover: p.stateText.alarm,
        fontWeight: 500,
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
      },
      Segmented: { itemSelectedBg: p.accentSoft, itemSelectedColor: p.accent, itemColor: p.muted, trackBg: p.ground },
      Tabs: { horizontalMargin: '0 0 12px 0' },
    },
  };
}
