// Tells a screen reader what has just arrived: at most one sentence in a few seconds.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { arrivals } from '../api/live';
import { useActiveFindings, useMay, useOpenCases } from '../api/queries';
import { useStore } from '../api/store';
import { useText, useWord } from '../i18n';

const pauseMs = 4000;

export function Announcer() {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const newest = [...useStore(arrivals).keys()].at(-1);
  const findings = useActiveFindings(useMay('read_city')).data?.findings;
  const cases = useOpenCases(useMay('read_cases')).data?.cases;
  const [sentence, say] = useState('');
  const last = useRef({ id: '', at: 0 });
  useEffect(() => {
    if (!newest || newest === last.current.id || Date.now() - last.current.at < pauseMs) return;
    const finding = findings?.find((each) => each.id === newest);
    const item = cases?.find((each) => each.id === newest);
    if (finding) say(t('map.announceFinding', { title: text(finding.title) }));
    else if (item) say(t('map.announceCase', { title: text(item.title), state: word('caseState', item.state) }));
    else return;
    last.current = { id: newest, at: Date.now() };
  }, [newest, findings, cases, t, text, word]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {sentence}
    </div>
  );
}
