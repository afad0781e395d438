// The roster as a picture: a row for each crew, who works when, who is away, and in red what is missing ahead of time.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RosterPage } from '../api/schema';
import { useText } from '../i18n';
import { useCrewName, usePersonName } from '../ui/Attribute';
import { type TimeRow, TimeRows } from '../ui/TimeRows';
import { useCityNow } from '../ui/ticker';
import type { Window } from '../ui/time_rows';
import { useChangePeople, usePeriodWords } from './Changes';
import { type CrewRow, type GapBar, gathered } from './roster_rows';
import { useShiftName } from './words';

const minuteMs = 60_000;

function useBars(rows: readonly CrewRow[]): TimeRow[] {
  const { t } = useTranslation();
  const text = useText();
  const crewOf = useCrewName();
  const personOf = usePersonName();
  const shiftOf = useShiftName();
  const period = usePeriodWords();
  const peopleOf = useChangePeople();
  const kindsOf = (gaps: readonly GapBar[]) => [...new Set(gaps.map((gap) => t(`gapKind.${gap.kind}`)))].join(' · ');
  return rows.map(({ crew, watches, away, gaps }) => {
    const name = crew ? crewOf(crew) : t('duty.department');
    return {
      id: crew,
      name,
      head: <strong className="tr-crew">{name}</strong>,
      bars: [
        ...watches.map((watch) => {
          const names = watch.people.map((each) => text(each.personName) || personOf(each.person)).join('、');
          const stands = watch.people.some((each) => each.insteadOf || !each.roster);
          return {
            id: watch.id,
            from: watch.from,
            until: watch.until,
            text: names,
            label: `${name}: ${shiftOf(watch.shift)}, ${period(watch.from, watch.until)}: ${names}`,
            tone: stands ? 'changed' : 'watch',
          };
        }),
        ...away.map((change) => {
          const { person } = peopleOf(change);
          return {
            id: `away ${change.id}`,
            from: Date.parse(change.from),
            until: Date.parse(change.until),
            text: `${person} · ${t(`changeKind.${change.kind}`)}`,
            label: `${person} · ${t(`changeKind.${change.kind}`)}, ${period(change.from, change.until)}`,
            tone: 'away',
          };
        }),
      ],
      gaps: gathered(gaps).map(({ id, from, until, of }) => ({
        id,
        from,
        until,
        text: kindsOf(of),
        label: `${name}: ${kindsOf(of)}: ${of.map((gap) => text(gap.text)).join('; ')} (${period(from, until)})`,
      })),
    };
  });
}

export function RosterPicture(props: {
  rows: readonly CrewRow[];
  window: Window;
  roster: RosterPage;
  chosen: string;
  choose: (id: string) => void;
}) {
  const { rows, window, chosen, choose } = props;
  const { t } = useTranslation();
  const bars = useBars(rows);
  const now = useCityNow();
  const minute = useMemo(() => Math.floor(now / minuteMs) * minuteMs, [now]);
  return (
    <TimeRows
      label={t('duty.picture')}
      rows={bars}
      window={window}
      now={minute}
      chosen={chosen}
      onPick={choose}
      laneHeight={25}
      minWidth={820}
    />
  );
}
