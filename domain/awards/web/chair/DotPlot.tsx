// One row of the picture of standings: the raw mean, the adjusted score with its interval, the final score with its bonus.
// The numbers stand in the table beside it; the picture is for the eye.
import type { AwardStanding } from '@console/api/schema';
import type { Scale } from '@console/ui/plots';
import { interval } from './standing_rows';

export const plotWidth = 240;
const height = 24;
const middle = height / 2;

export function DotRow({ one, scale, close }: { one: AwardStanding; scale: Scale; close: boolean }) {
  const range = interval(one);
  return (
    <svg className="dots" width={plotWidth} height={height} viewBox={`0 0 ${plotWidth} ${height}`} aria-hidden="true">
      {scale.ticks.map((tick) => (
        <line key={tick} x1={scale(tick)} x2={scale(tick)} y1="0" y2={height} className="dots-grid" />
      ))}
      {range && (
        <g className={close ? 'dots-close' : 'dots-sure'}>
          <line x1={scale(range[0])} x2={scale(range[1])} y1={middle} y2={middle} strokeWidth="2" />
          {range.map((end) => (
            <line key={end} x1={scale(end)} x2={scale(end)} y1={middle - 4} y2={middle + 4} strokeWidth="2" />
          ))}
        </g>
      )}
      {one.raw !== null && <circle cx={scale(one.raw)} cy={middle} r="4" className="dots-raw" />}
      {one.final !== null && <circle cx={scale(one.final)} cy={middle} r="5" className="dots-final" />}
    </svg>
  );
}

export function DotAxis({ scale }: { scale: Scale }) {
  return (
    <svg className="dots" width={plotWidth} height="16" viewBox={`0 0 ${plotWidth} 16`} aria-hidden="true">
      {scale.ticks.map((tick, i) => (
        <text
          key={tick}
          x={scale(tick)}
          y="12"
          textAnchor={i === 0 ? 'start' : i === scale.ticks.length - 1 ? 'end' : 'middle'}
          className="dots-tick"
        >
          {tick}
        </text>
      ))}
    </svg>
  );
}

export function DotKey({ words }: { words: { raw: string; final: string; interval: string; close: string } }) {
  return (
    <p className="score-legend">
      <span>
        <svg width="12" height="12" aria-hidden="true">
          <circle cx="6" cy="6" r="4" className="dots-raw" />
        </svg>{' '}
        {words.raw}
      </span>
      <span>
        <svg width="12" height="12" aria-hidden="true">
          <circle cx="6" cy="6" r="5" className="dots-final" />
        </svg>{' '}
        {words.final}
      </span>
      <span>
        <svg width="26" height="12" aria-hidden="true">
          <g className="dots-sure">
            <line x1="1" x2="25" y1="6" y2="6" strokeWidth="2" />
          </g>
        </svg>{' '}
        {words.interval}
      </span>
      <span>
        <svg width="26" height="12" aria-hidden="true">
          <g className="dots-close">
            <line x1="1" x2="25" y1="6" y2="6" strokeWidth="2" />
          </g>
        </svg>{' '}
        {words.close}
      </span>
    </p>
  );
}
