// How an indicator stands, as shape, colour and word together; how it goes; how many of its inputs are there.
import { useTranslation } from 'react-i18next';
import type { IndicatorInputs, IndicatorTrend } from '../api/schema';
import { valueText } from '../ui/values';
import { missingOf, type Standing, wanting } from './words';

const tones: Record<Standing, string> = {
  alarm: 'alarm',
  warn: 'warn',
  watch: 'warn',
  missed: 'warn',
  missing: 'stale',
  good: 'ok',
  met: 'ok',
  plain: 'unknown',
};

function Shape({ standing }: { standing: Standing }) {
  const colour = `var(--state-${tones[standing]})`;
  return (
    <svg className="shape" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {standing === 'alarm' && <path d="M6 0.3 L11.7 6 L6 11.7 L0.3 6 Z" fill={colour} />}
      {standing === 'warn' && <path d="M6 1 L11.2 10.4 H0.8 Z" fill={colour} />}
      {standing === 'watch' && <path d="M6 1.8 L10.4 9.8 H1.6 Z" fill="none" stroke={colour} strokeWidth="1.6" />}
      {standing === 'missed' && <path d="M1.5 1.5 L10.5 10.5 M10.5 1.5 L1.5 10.5" stroke={colour} strokeWidth="2" />}
      {standing === 'missing' && (
        <circle cx="6" cy="6" r="4" fill="none" stroke={colour} strokeWidth="1.6" strokeDasharray="2.4 1.6" />
      )}
      {(standing === 'good' || standing === 'met') && <circle cx="6" cy="6" r="3.8" fill={colour} />}
      {standing === 'plain' && <circle cx="6" cy="6" r="2" fill="none" stroke={colour} strokeWidth="1.4" />}
    </svg>
  );
}

export function StandingMark({ standing }: { standing: Standing }) {
  const { t } = useTranslation();
  return (
    <span className={`state-mark state-${tones[standing]}`} data-standing={standing}>
      <Shape standing={standing} />
      {t(`standing.${standing}`)}
    </span>
  );
}

const arrows = { up: 'M6 1.5 L10.5 7 H7.4 V10.5 H4.6 V7 H1.5 Z', down: 'M6 10.5 L1.5 5 H4.6 V1.5 H7.4 V5 H10.5 Z' };

// The difference of two shares is one of percentage points.
function useChangeText(): (change: number, unit: string) => string {
  const { t } = useTranslation();
  return (change, unit) => {
    const size = Math.abs(change);
    const sign = change > 0 ? '+' : '−';
    const least = 0.01;
    const number = size < least ? `${sign}<${least}` : `${sign}${valueText(size, unit === 'P1' ? '' : unit)}`;
    return unit === 'P1' ? t('way.points', { n: number }) : number;
  };
}

export function Way({ trend, unit }: { trend: IndicatorTrend; unit: string }) {
  const { t } = useTranslation();
  const changeOf = useChangeText();
  const change = trend.change ?? null;
  if (trend.way === 'unknown' || change === null) return <span className="muted">{t('way.unknown')}</span>;
  const tone = trend.way === 'better' ? 'ok' : trend.way === 'worse' ? 'alarm' : 'unknown';
  return (
    <span className={`state-mark way state-${tone}`} data-way={trend.way}>
      {change !== 0 && trend.way !== 'same' && (
        <svg className="shape" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          <path d={change > 0 ? arrows.up : arrows.down} fill="currentColor" />
        </svg>
      )}
      {t(`way.${trend.way}`)}
      {trend.way !== 'same' && <span className="num muted">{changeOf(change, unit)}</span>}
    </span>
  );
}

// "12 of 14, 2 out of date": nothing of it is ever counted as zero.
export function Inputs({ inputs }: { inputs: IndicatorInputs }) {
  const { t } = useTranslation();
  if (inputs.expected === 0) return <span className="muted">{t('evaluation.noInputs')}</span>;
  const lacking = missingOf(inputs);
  return (
    <span className={`inputs${wanting(inputs) > 0 ? ' inputs-wanting' : ''}`}>
      <span className="num">
        {inputs.present} / {inputs.expected}
      </span>
      {inputs.stale > 0 && <small>{t('evaluation.staleInputs', { n: inputs.stale })}</small>}
      {lacking > 0 && <small>{t('evaluation.missingInputs', { n: lacking })}</small>}
    </span>
  );
}

// The same as a bar whose three parts are told by words beneath it.
export function InputsBar({ inputs }: { inputs: IndicatorInputs }) {
  const { t } = useTranslation();
  const parts = [
    ['present', inputs.present],
    ['stale', inputs.stale],
    ['missing', missingOf(inputs)],
  ] as const;
  return (
    <div className="inputs-bar">
      <span aria-hidden="true">
        {parts.map(([name, n]) => n > 0 && <i key={name} className={`inputs-${name}`} style={{ flexGrow: n }} />)}
      </span>
      <ul>
        {parts.map(([name, n]) => (
          <li key={name}>
            <i className={`inputs-${name}`} aria-hidden="true" />
            {t(`evaluation.input_${name}`)} <b className="num">{n}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
