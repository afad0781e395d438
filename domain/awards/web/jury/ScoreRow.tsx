// One dimension: its scores as a row of choices, reached by arrows or typed as a number, and what the score means.
import type { AwardCycle, AwardDimension } from '@console/api/schema';
import { useText } from '@console/i18n';
import { useRef } from 'react';
import { useWords } from '../words';
import { bandOf, rangeOf, stepsOf, typed } from './scoring';

const typingMs = 900;

export function ScoreRow(props: {
  cycle: AwardCycle;
  dimension: AwardDimension;
  value: number | undefined;
  disabled: boolean;
  give: (value: number) => void;
}) {
  const { cycle, dimension, value, disabled, give } = props;
  const t = useWords();
  const text = useText();
  const bands = cycle.bands ?? [];
  const steps = stepsOf(dimension);
  const written = useRef({ text: '', at: 0 });
  const row = useRef<HTMLFieldSetElement>(null);
  const choose = (score: number) => {
    give(score);
    row.current?.querySelector<HTMLInputElement>(`input[value="${score}"]`)?.focus();
  };
  const onKey = (event: React.KeyboardEvent) => {
    if (!/^[\d.]$/.test(event.key)) return;
    event.preventDefault();
    const now = Date.now();
    const before = now - written.current.at < typingMs ? written.current.text : '';
    const together = typed(dimension, before + event.key);
    written.current = { text: before + event.key, at: now };
    const score = together ?? typed(dimension, event.key);
    if (together === undefined && /^\d$/.test(event.key)) written.current.text = event.key;
    if (score !== undefined) choose(score);
  };
  const band = bandOf(bands, value);
  return (
    <fieldset ref={row} className="score-row" disabled={disabled} onKeyDown={onKey} data-dimension={dimension.id}>
      <legend>
        {text(dimension.name)}
        <span className="score-now num">
          {value ?? '—'}
          <span className="muted"> / {dimension.max}</span>
        </span>
        {dimension.weight !== 1 && <span className="muted num">× {dimension.weight}</span>}
        {band && <span className="score-band">{text(band.name)}</span>}
      </legend>
      {text(dimension.description) && <p className="muted">{text(dimension.description)}</p>}
      <div className="score-steps">
        {steps.map((score) => (
          <label key={score} className={`score-step${score === value ? ' chosen' : ''}`}>
            <input
              type="radio"
              name={`score-${dimension.id}`}
              value={score}
              checked={score === value}
              onChange={() => give(score)}
            />
            <span className="num">{score}</span>
          </label>
        ))}
      </div>
      {bands.length > 0 && (
        <ul className="score-bands" aria-label={t('jury.sheet.bands')}>
          {bands.map((one) => (
            <li key={one.from} className={one === band ? 'chosen' : 'muted'}>
              <span className="num">{rangeOf(bands, one, dimension)}</span> {text(one.name)}
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}
