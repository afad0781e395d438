// One thing on the map: its values with their ages, its history, what is wrong with it, what it can be told.
import { CloseOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import {
  useActiveFindings,
  useCity,
  useDevices,
  useEntityQuery,
  useMapEntity,
  useMay,
  useOpenCases,
} from '../api/queries';
import type { Entity } from '../api/schema';
import { CaseStatePill } from '../cases/parts';
import { NewCommand } from '../commands/NewCommand';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { EntityLink, useAttributeName, useValueText } from '../ui/Attribute';
import { SeverityMark, StateMark } from '../ui/marks';
import { Answer } from '../ui/states';
import { shortId } from '../ui/values';
import { EntityHistory, useRefreshOnReading } from './EntityHistory';
import { inOrder, readEntity } from './ngsi';
import { ValueRows } from './ValueRows';

function Troubles({ id }: { id: string }) {
  const { t } = useTranslation();
  const text = useText();
  const findings = useActiveFindings().data?.findings.filter((each) => each.about === id || each.related.includes(id));
  const cases = useOpenCases().data?.cases.filter((item) => item.about === id);
  if (!findings?.length && !cases?.length) return null;
  return (
    <section aria-label={t('map.openFindings')} className="troubles">
      {findings?.map((finding) => (
        <Link key={finding.id} to={`/findings/${encodeURIComponent(finding.id)}`}>
          <SeverityMark severity={finding.severity} word={false} />
          <span>{text(finding.title)}</span>
          <Age at={finding.openedAt} />
        </Link>
      ))}
      {cases?.map((item) => (
        <Link key={item.id} to={`/cases/${encodeURIComponent(item.id)}`}>
          <CaseStatePill state={item.state} />
          <span>{text(item.title)}</span>
          <Age at={item.openedAt} />
        </Link>
      ))}
    </section>
  );
}

function CommandButton({ id }: { id: string }) {
  const { t } = useTranslation();
  const may = useMay('request_command');
  const devices = useDevices(may).data?.devices;
  const [open, setOpen] = useState(false);
  if (!devices?.some((device) => device.id === id)) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('map.command')}</Button>
      <NewCommand open={open} close={() => setOpen(false)} device={id} />
    </>
  );
}

function Body({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const city = useCity();
  const info = city.types[entity.type];
  const nameOf = useAttributeName(entity.type);
  const { attributes, relations } = readEntity(entity);
  const rows = inOrder(
    attributes.filter((row) => row.name !== 'name'),
    info?.main,
  );
  const numeric = rows.filter((row) => typeof row.value === 'number' && row.observedAt);
  const [chosen, choose] = useState<string | undefined>();
  const shown = chosen ?? numeric.find((row) => row.name === info?.main)?.name ?? numeric[0]?.name;
  return (
    <>
      {shown && (
        <EntityHistory
          key={shown}
          entity={entity.id}
          attribute={shown}
          name={nameOf(shown)}
          scale={shown === info?.main ? info?.scale : undefined}
        />
      )}
      <ValueRows
        rows={rows}
        staleAfterS={city.staleAfterS[entity.type]}
        nameOf={nameOf}
        shown={shown}
        choose={choose}
      />
      {relations.length > 0 && (
        <section>
          <h3>{t('map.relations')}</h3>
          <ul className="relations">
            {relations.map((row) => (
              <li key={row.name}>
                <span className="muted">{nameOf(row.name)}</span>{' '}
                {row.objects.map((id) => (
                  <EntityLink key={id} id={id} />
                ))}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

export function EntityPanel({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const city = useCity();
  const textOf = useValueText();
  const onMap = useMapEntity(id);
  const entity = useEntityQuery(id);
  useRefreshOnReading(id, onMap?.main?.observedAt);
  const main = onMap?.main;
  const info = city.types[onMap?.type ?? entity.data?.type ?? ''];
  return (
    <aside className="entity-panel" aria-label={t('map.panel')}>
      <header>
        <div>
          <p className="muted">{text(info?.name) || onMap?.type}</p>
          <h2>{onMap?.name ?? shortId(id)}</h2>
        </div>
        <Button type="text" icon={<CloseOutlined />} aria-label={t('help.close')} title="Esc" onClick={close} />
      </header>
      {onMap && (
        <p className={`entity-main state-${onMap.state}`}>
          {main && <strong className="num">{textOf(main.value, main.unitCode)}</strong>}
          <StateMark state={onMap.state} />
          {main?.observedAt && (
            <span className="muted">
              <Age at={main.observedAt} />
            </span>
          )}
        </p>
      )}
      <Troubles id={id} />
      <Answer query={entity} rows={8}>
        {(data) => <Body entity={data} />}
      </Answer>
      <CommandButton id={id} />
    </aside>
  );
}
