import { useState } from 'react';
import type { Service } from '../../api/schema';
import { changeDraft, type Draft } from '../kept/draft';
import { useLanguage, useText } from '../language';
import { Field, Notice, Pill } from '../ui/parts';
import { useReportWords } from './words';

const searchFrom = 9; // so many kinds are looked through by eye

export function matches(service: Service, wanted: string): boolean {
  const all = [service.name, service.description, service.group].flatMap((text) => (text ? [text.zh, text.en] : []));
  return [...all, ...(service.keywords ?? [])].some((text) => text.toLowerCase().includes(wanted.trim().toLowerCase()));
}

function groupsOf(services: readonly Service[]): [string, Service[]][] {
  const out = new Map<string, Service[]>();
  for (const service of services) {
    const name = JSON.stringify(service.group ?? null);
    out.set(name, [...(out.get(name) ?? []), service]);
  }
  return [...out];
}

export function KindStep({
  draft,
  services,
  problem,
}: {
  draft: Draft;
  services: readonly Service[];
  problem: string | null;
}) {
  const say = useReportWords();
  const text = useText();
  const language = useLanguage();
  const [wanted, setWanted] = useState('');
  const found = services.filter((each) => !wanted.trim() || matches(each, wanted));
  const chosen = services.find((each) => each.code === draft.service);
  return (
    <div className="stack" lang={language === 'zh' ? 'zh-CN' : 'en'}>
      {services.length >= searchFrom && (
        <Field label={say('search')} hint={say('searchHint')} required>
          {(ties) => (
            <input
              {...ties}
              required={false}
              type="search"
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
          )}
        </Field>
      )}
      {found.length === 0 && <p role="status">{say('kindNone')}</p>}
      {groupsOf(found).map(([key, group]) => (
        <fieldset key={key} className="choices">
          <legend>{text(group[0]?.group) || say('kind')}</legend>
          <div className="choice-rows">
            {group.map((service) => (
              <label key={service.code} className="choice" data-service={service.code}>
                <input
                  type="radio"
                  name="service"
                  value={service.code}
                  checked={draft.service === service.code}
                  onChange={() => void changeDraft({ service: service.code })}
                />
                <span>
                  <span className="choice-label">{text(service.name)}</span>
                  <span className="muted small">{text(service.description)}</span>
                  <span className="row">
                    {service.private && <Pill icon="lock">{say('isPrivate')}</Pill>}
                    {service.photo === 'required' && <Pill icon="camera">{say('photoMust')}</Pill>}
                  </span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
      {chosen?.photo === 'none' && draft.photos.length > 0 && <Notice tone="warn">{say('photoNone')}</Notice>}
      {problem && (
        <Notice tone="bad" urgent>
          {problem}
        </Notice>
      )}
    </div>
  );
}
