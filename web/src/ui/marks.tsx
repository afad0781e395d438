// State and severity as shape, colour and word together.
import { useTranslation } from 'react-i18next';
import type { EntityState, Severity } from '../api/schema';

// The same shapes as on the map: disc, triangle, diamond, ring, dot.
export function StateShape({ state, size = 12 }: { state: EntityState; size?: number }) {
  const colour = `var(--state-${state})`;
  return (
    <svg className="shape" width={size} height={size} viewBox="0 0 12 12" aria-hidden="true">
      {state === 'ok' && <circle cx="6" cy="6" r="3.6" fill={colour} />}
      {state === 'warn' && <path d="M6 1 L11.2 10.4 H0.8 Z" fill={colour} />}
      {state === 'alarm' && <path d="M6 0.3 L11.7 6 L6 11.7 L0.3 6 Z" fill={colour} />}
      {state === 'stale' && (
        <circle cx="6" cy="6" r="3.9" fill="none" stroke={colour} strokeWidth="1.6" strokeDasharray="2.4 1.6" />
      )}
      {state === 'unknown' && <circle cx="6" cy="6" r="2" fill="none" stroke={colour} strokeWidth="1.4" />}
    </svg>
  );
}

export function StateMark({ state }: { state: EntityState }) {
  const { t } = useTranslation();
  return (
    <span className={`state-mark state-${state}`}>
      <StateShape state={state} />
      {t(`state.${state}`)}
    </span>
  );
}

const order: Severity[] = ['minor', 'moderate', 'severe', 'extreme'];

export function SeverityMark({ severity, word = true }: { severity: Severity; word?: boolean }) {
  const { t } = useTranslation();
  const level = order.indexOf(severity) + 1;
  const name = t(`severity.${severity}`);
  return (
    <span className="severity" style={{ color: `var(--severity-${severity})` }} title={word ? undefined : name}>
      <svg
        width="14"
        height="12"
        viewBox="0 0 14 12"
        role={word ? undefined : 'img'}
        aria-label={word ? undefined : name}
        aria-hidden={word}
      >
        {order.map((each, i) => (
          <rect
            key={each}
            x={i * 3.6}
            y={9 - i * 3}
            width="2.6"
            height={3 + i * 3}
            fill="currentColor"
            opacity={i < level ? 1 : 0.22}
          />
        ))}
      </svg>
      {word && <span>{name}</span>}
    </span>
  );
}

type Tone = 'ok' | 'warn' | 'alarm' | 'stale' | 'plain';

export function Pill({ tone = 'plain', children }: { tone?: Tone; children: React.ReactNode }) {
  return <span className={`pill pill-${tone}`}>{children}</span>;
}
