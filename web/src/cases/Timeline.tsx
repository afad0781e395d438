// What happened in a case, the newest first, and who did it.
import type { CaseStep } from '../api/schema';
import { useLanguage, useWord } from '../i18n';
import { useActor } from '../ui/Attribute';
import { clockTime, dateTime } from '../ui/time';

export function Timeline({ lines }: { lines: CaseStep[] }) {
  const word = useWord();
  const actor = useActor();
  const language = useLanguage();
  const newestFirst = lines.map((line, i) => ({ line, i })).reverse();
  return (
    <ol className="timeline">
      {newestFirst.map(({ line, i }) => (
        <li key={`${line.at}${i}`} className={`timeline-${line.verb}`}>
          <time className="num" dateTime={line.at} title={dateTime(Date.parse(line.at), language)}>
            {clockTime(Date.parse(line.at))}
          </time>
          <div>
            <strong>{word('verb', line.verb)}</strong> <span className="muted">{actor(line.by)}</span>
            {line.verb !== 'note' && line.verb !== 'command' && (
              <span className="muted"> → {word('caseState', line.to)}</span>
            )}
            {line.code && <p title={line.note}>{word('code', line.code)}</p>}
            {line.note && (!line.code || line.verb === 'escalate') && <p>{line.note}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}
