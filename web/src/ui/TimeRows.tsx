// Rows over time: one row for each crew, its bars where they lie in the period, what is missing in red, the present as a
// line. One steps from bar to bar by the arrow keys; the keyboard enters and leaves the picture as one thing. A bar may be
// drawn with the mouse onto another row; whatever that does, keys do as well.
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../i18n';
import { clockTime, dayHead, daysIn, startOfDay } from './time';
import { lanesOf, neighbour, placeIn, ticksOf, timeAt, type Window } from './time_rows';
import './time_rows.css';

export interface TimeBar {
  id: string;
  from: number;
  until: number;
  text: string; // what fits into the bar
  label: string; // the whole of it in words, with `text` as it stands
  tone?: string; // a class of its own: bar-NAME
  colour?: string; // one of the palette's, by a custom property
  marks?: { from: number; until: number; tone: string }[]; // windows and waits, drawn behind
  movable?: boolean;
  pinned?: boolean;
}

export interface TimeRow {
  id: string;
  head: React.ReactNode;
  name: string;
  bars: TimeBar[];
  gaps?: { from: number; until: number; text: string; label: string; id: string }[];
  shade?: { from: number; until: number }[]; // when there is nobody, without its being wrong
}

interface Props {
  label: string;
  rows: TimeRow[];
  window: Window;
  now: number;
  chosen?: string;
  onPick: (id: string) => void;
  onDrop?: (bar: string, row: string, at: number) => void;
  laneHeight?: number;
  minWidth?: number;
}

const ticksMax = 24;
const rowPad = 6;
const gapHeight = 24;

function Scale({ window, minWidth }: { window: Window; minWidth: number }) {
  const language = useLanguage();
  const days = daysIn(window.from, window.to);
  const many = days.length > 2;
  const ticks = ticksOf(window, startOfDay(window.from), many ? days.length * 2 : ticksMax / 2);
  return (
    <div className={`tr-scale${many ? ' tr-days' : ''}`} aria-hidden="true" style={{ minWidth }}>
      {days.map((day, i) => {
        const place = placeIn(window, day, days[i + 1] ?? window.to);
        return (
          place && (
            <span key={day} className="tr-day" style={{ left: `${place.left}%`, width: `${place.width}%` }}>
              {dayHead(day, language)}
            </span>
          )
        );
      })}
      {!many &&
        ticks.map((at) => {
          const place = placeIn(window, at, at + 1);
          return (
            place &&
            place.left > 1 && (
              <span key={at} className="tr-tick num" style={{ left: `${place.left}%` }}>
                {clockTime(at, false)}
              </span>
            )
          );
        })}
    </div>
  );
}

function Lines({ window, now }: { window: Window; now: number }) {
  const days = daysIn(window.from, window.to);
  const many = days.length > 2;
  const ticks = many ? days : ticksOf(window, startOfDay(window.from), ticksMax / 2);
  const present = placeIn(window, now, now + 1);
  return (
    <div className="tr-lines" aria-hidden="true">
      {ticks.map((at) => {
        const place = placeIn(window, at, at + 1);
        return place && <i key={at} style={{ left: `${place.left}%` }} />;
      })}
      {present && <b style={{ left: `${present.left}%` }} />}
    </div>
  );
}

function Bar(props: {
  bar: TimeBar;
  lane: number;
  window: Window;
  height: number;
  chosen: boolean;
  reachable: boolean;
  onPick: (id: string) => void;
  onFocus: (id: string) => void;
}) {
  const { bar, lane, window, height, chosen, reachable, onPick, onFocus } = props;
  const place = placeIn(window, bar.from, bar.until);
  if (!place) return null;
  const top = rowPad + lane * height;
  return (
    <>
      {bar.marks?.map((mark) => {
        const at = placeIn(window, mark.from, mark.until);
        return (
          at && (
            <i
              key={`${mark.tone}${mark.from}`}
              className={`tr-mark tr-mark-${mark.tone}`}
              aria-hidden="true"
              style={
                {
                  left: `${at.left}%`,
                  width: `${at.width}%`,
                  top,
                  height: height - 4,
                  '--bar': bar.colour,
                } as React.CSSProperties
              }
            />
          )
        );
      })}
      <button
        type="button"
        className={`tr-bar${bar.tone ? ` bar-${bar.tone}` : ''}`}
        style={
          {
            left: `${place.left}%`,
            width: `${place.width}%`,
            top,
            height: height - 4,
            '--bar': bar.colour,
          } as React.CSSProperties
        }
        data-bar={bar.id}
        aria-pressed={chosen}
        aria-label={bar.label}
        title={bar.label}
        tabIndex={reachable ? 0 : -1}
        draggable={bar.movable}
        onDragStart={(event) => event.dataTransfer.setData('text/bar', bar.id)}
        onFocus={() => onFocus(bar.id)}
        onClick={() => onPick(bar.id)}
      >
        {bar.pinned && <i className="tr-pin" aria-hidden="true" />}
        <span>{bar.text}</span>
      </button>
    </>
  );
}

export function TimeRows(props: Props) {
  const { label, rows, window, now, chosen, onPick, onDrop, laneHeight = 28, minWidth = 560 } = props;
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [focused, focus] = useState('');
  const [over, setOver] = useState<string | null>(null);
  const all = rows.flatMap((row) => [...row.bars, ...(row.gaps ?? [])]);
  const first = all.find((bar) => placeIn(window, bar.from, bar.until))?.id;
  const reachable = [focused, chosen, first].find((id) => id && all.some((bar) => bar.id === id));
  const stepping = rows.map((row) => ({
    bars: [...row.bars, ...(row.gaps ?? [])].filter((bar) => placeIn(window, bar.from, bar.until)),
  }));
  const step = (event: React.KeyboardEvent) => {
    if (!/^(Arrow|Home$|End$)/.test(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    const id = (event.target as HTMLElement).dataset.bar;
    const next = id && neighbour(stepping, id, event.key);
    if (!id) return;
    event.preventDefault();
    event.stopPropagation();
    if (next) box.current?.querySelector<HTMLElement>(`[data-bar="${CSS.escape(next.id)}"]`)?.focus();
  };
  const dropped = (event: React.DragEvent, row: string) => {
    event.preventDefault();
    setOver(null);
    const bar = event.dataTransfer.getData('text/bar');
    const { left, width } = event.currentTarget.getBoundingClientRect();
    if (bar && width > 0) onDrop?.(bar, row, timeAt(window, (event.clientX - left) / width));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only passes the arrow keys on between its buttons
    <div className="time-rows" ref={box} onKeyDown={step}>
      <div className="tr-row tr-head">
        <span className="tr-name" />
        <Scale window={window} minWidth={minWidth} />
      </div>
      <ul aria-label={label}>
        {rows.map((row) => {
          const lanes = lanesOf(row.bars);
          const lanesHeight = Math.max(row.gaps?.length ? 0 : 1, ...lanes.map((lane) => lane + 1)) * laneHeight;
          const height = rowPad * 2 + lanesHeight - 4 + (row.gaps?.length ? gapHeight : 0);
          return (
            <li key={row.id} className="tr-row" data-time-row={row.id}>
              <div className="tr-name">{row.head}</div>
              {/* biome-ignore lint/a11y/noStaticElementInteractions: a bar may be dropped here; keys do the same elsewhere */}
              <div
                className={`tr-field${over === row.id ? ' tr-over' : ''}`}
                style={{ height, minWidth }}
                onDragOver={(event) => {
                  if (!onDrop) return;
                  event.preventDefault();
                  setOver(row.id);
                }}
                onDragLeave={() => setOver(null)}
                onDrop={(event) => dropped(event, row.id)}
              >
                <Lines window={window} now={now} />
                {row.shade?.map((part) => {
                  const place = placeIn(window, part.from, part.until);
                  return (
                    place && (
                      <i
                        key={part.from}
                        className="tr-shade"
                        aria-hidden="true"
                        style={{ left: `${place.left}%`, width: `${place.width}%` }}
                      />
                    )
                  );
                })}
                {row.gaps?.map((gap) => {
                  const place = placeIn(window, gap.from, gap.until);
                  return (
                    place && (
                      <button
                        key={gap.id}
                        type="button"
                        className="tr-gap"
                        data-bar={gap.id}
                        aria-label={gap.label}
                        aria-pressed={gap.id === chosen}
                        title={gap.label}
                        tabIndex={gap.id === reachable ? 0 : -1}
                        style={{ left: `${place.left}%`, width: `${place.width}%`, top: rowPad + lanesHeight }}
                        onFocus={() => focus(gap.id)}
                        onClick={() => onPick(gap.id)}
                      >
                        <span>{gap.text}</span>
                      </button>
                    )
                  );
                })}
                {row.bars.map((bar, i) => (
                  <Bar
                    key={bar.id}
                    bar={bar}
                    lane={lanes[i] ?? 0}
                    window={window}
                    height={laneHeight}
                    chosen={bar.id === chosen}
                    reachable={bar.id === reachable}
                    onPick={onPick}
                    onFocus={focus}
                  />
                ))}
              </div>
            </li>
          );
        })}
      </ul>
      {rows.length === 0 && <p className="muted tr-none">{t('app.none')}</p>}
    </div>
  );
}
