// Incidents, the active ones first, each with its reasons, its place and the sign texts proposed for it.

import type { TrafficAdvice, TrafficIncident } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Age } from '@console/ui/Age';
import { useListKeys } from '@console/ui/list_keys';
import { SeverityMark } from '@console/ui/marks';
import { Page } from '@console/ui/Page';
import { useMode } from '@console/ui/preferences';
import { Answer, Blank } from '@console/ui/states';
import { palettes } from '@console/ui/theme';
import { useMemo } from 'react';
import { useIncidents, useSegments, useSignAdvice } from '../api';
import { StreetMap } from '../map/StreetMap';
import { useWords } from '../words';
import { incidentMarks, segmentLines } from './drawn_city';
import { IncidentPanel } from './IncidentPanel';
import { SignEffect } from './SignEffect';
import { SignStatus } from './SignStatus';
import { useChosen } from './use_chosen';

function List(props: { title: string; incidents: TrafficIncident[]; of: string; choose: (id: string) => void }) {
  const { title, incidents, of, choose } = props;
  const text = useText();
  if (incidents.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2>
        {title} <span className="num muted">{incidents.length}</span>
      </h2>
      {incidents.map((each) => (
        <button
          key={each.id}
          type="button"
          className="row"
          data-row={each.id}
          aria-current={each.id === of}
          onClick={() => choose(each.id)}
        >
          <span className="row-title">{text(each.title)}</span>
          <span className="row-side">
            <SeverityMark severity={each.severity} />
          </span>
          <span className="row-sub">
            {each.segmentName} · <Age at={each.detectedAt} />
          </span>
        </button>
      ))}
    </section>
  );
}

// One row a sign, with its newest text.
function Signs({ newest, of, choose }: { newest: TrafficAdvice[]; of: string; choose: (sign: string) => void }) {
  const t = useWords();
  if (newest.length === 0) return null;
  return (
    <section aria-label={t('incident.signs')}>
      <h2>
        {t('incident.signs')} <span className="num muted">{newest.length}</span>
      </h2>
      {newest.map((each) => (
        <button
          key={each.sign}
          type="button"
          className="row"
          data-row={each.sign}
          aria-current={each.sign === of}
          onClick={() => choose(each.sign)}
        >
          <span className="row-title">{each.signName}</span>
          <span className="row-side">
            <SignStatus status={each.status} />
          </span>
          <span className="row-sub">{each.text.replaceAll('\n', ' · ') || t('sign.dark')}</span>
        </button>
      ))}
    </section>
  );
}

export function IncidentsPage() {
  const t = useWords();
  const text = useText();
  const palette = palettes[useMode()];
  const query = useIncidents();
  const features = useSegments().data?.features;
  const { chosen, choose } = useChosen();
  const incidents = query.data?.incidents;
  const advice = useSignAdvice().data?.advice;
  const newest = useMemo(
    () => [...new Map((advice ?? []).toReversed().map((each) => [each.sign, each])).values()],
    [advice],
  );
  const sign = chosen.kind === 'sign' ? chosen.id : '';
  const list = useListKeys(chosen.id);
  const shown = sign ? undefined : (incidents?.find(({ id }) => id === chosen.id) ?? incidents?.[0]);
  const drawn = useMemo(
    () => ({
      lines: segmentLines(features ?? [], palette, (kind) => t(`live.${kind}`)).map((line) => ({ ...line, name: '' })),
      marks: incidentMarks(incidents ?? [], palette, (incident) => text(incident.title)),
    }),
    [features, incidents, palette, t, text],
  );
  return (
    <Page title={t('incident.title')} lead={t('incident.lead')}>
      <Answer query={query}>
        {({ incidents: all }) =>
          all.length === 0 && newest.length === 0 ? (
            <Blank title={t('incident.none')} hint={t('incident.noneHint')} />
          ) : (
            <div className="incidents">
              <div className="section section-flush incident-list" ref={list}>
                {!all.some(({ active }) => active) && <p className="muted rows-note">{t('incident.none')}</p>}
                <List
                  title={t('incident.active')}
                  incidents={all.filter(({ active }) => active)}
                  of={shown?.id ?? ''}
                  choose={(id) => choose('incident', id)}
                />
                <List
                  title={t('incident.past')}
                  incidents={all.filter(({ active }) => !active)}
                  of={shown?.id ?? ''}
                  choose={(id) => choose('incident', id)}
                />
                <Signs newest={newest} of={sign} choose={(id) => choose('sign', id)} />
              </div>
              <div className="section">
                {sign ? <SignEffect sign={sign} /> : shown && <IncidentPanel incident={shown} />}
              </div>
              <div className="section map-section">
                <StreetMap
                  shapes={drawn}
                  label={t('incident.map')}
                  chosen={shown ? `incident:${shown.id}` : ''}
                  chosenAt={shown?.position}
                  onPick={(id) => choose('incident', id.slice('incident:'.length))}
                />
              </div>
            </div>
          )
        }
      </Answer>
    </Page>
  );
}
