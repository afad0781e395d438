// What happened in a case, the newest first, and who did it.
import { useTranslation } from 'react-i18next';
import type { CaseStep } from '../api/schema';
import { useLanguage, useWord } from '../i18n';
import { useActor } from '../ui/Attribute';
import { clockTime, dateTime, dayOf } from '../ui/time';
import { Given } from './Given';

export function Timeline({ lines }: { lines: CaseStep[] }) {
  const { t } = useTranslation();
  const word = useWord();
  const actor = useActor();
  const language = useLanguage();
  const newestFirst = lines.map((line, i) => ({ line, i })).reverse();
  const days = new Set(lines.map((line) => dayOf(Date.parse(line.at), language))).size;
  return (
    <ol className="timeline">
      {newestFirst.map(({ line, i }, at) => {
        const ms = Date.parse(line.at);
        const before = newestFirst[at - 1]?.line.at;
        const day = dayOf(ms, language);
        const newDay = days > 1 && (!before || dayOf(Date.parse(before), language) !== day);
        const photos = Array.isArray(line.given?.photos) ? line.given.photos.length : 0;
        return (
          <li key={`${line.at}${i}`} className={`timeline-${line.verb}`}>
            {newDay && <h3 className="timeline-day">{day}</h3>}
            <time className="num" dateTime={line.at} title={dateTime(ms, language)}>
              {clockTime(ms)}
            </time>
            <div>
              <strong>{word('verb', line.verb)}</strong> <span className="muted">{actor(line.by)}</span>
              {line.verb !== 'note' && line.verb !== 'command' && (
                <span className="muted"> → {word('caseState', line.to)}</span>
              )}
              {line.code && <p title={line.note}>{word('code', line.code)}</p>}
              {line.note && (!line.code || line.verb === 'escalate') && <p className="quote">{line.note}</p>}
              <Given given={line.given} />
              {photos > 0 && <span className="muted">{t('photo.count', { n: photos })}</span>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
