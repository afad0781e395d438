// One row of the inbox: what, how grave, where, whose, and how long there is.
import { CameraOutlined } from '@ant-design/icons';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import { arrivals } from '../api/live';
import type { CaseSummary } from '../api/schema';
import { useStore } from '../api/store';
import { CaseStatePill, Deadline, OutcomePill } from '../cases/parts';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useActor, useDepartmentName } from '../ui/Attribute';
import { Pill, SeverityMark } from '../ui/marks';
import { useRealNow } from '../ui/ticker';

const freshMs = 20_000;

interface Props {
  item: CaseSummary;
  search: string;
  selected: boolean;
  picked: boolean;
  onSelect: (id: string) => void;
  onPick: (id: string, range: boolean) => void;
}

function CaseRowPlain({ item, search, selected, picked, onSelect, onPick }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const actor = useActor();
  const departmentOf = useDepartmentName();
  const fresh = useRealNow() - (useStore(arrivals).get(item.id) ?? 0) < freshMs;
  const ended = item.outcome !== 'open';
  return (
    <div className={`case-row${selected ? ' is-selected' : ''}${picked ? ' is-picked' : ''}`}>
      <label className="row-pick">
        <input
          type="checkbox"
          checked={picked}
          aria-label={t('seats.pick', { title: text(item.title) })}
          onChange={(event) => onPick(item.id, (event.nativeEvent as MouseEvent).shiftKey)}
        />
      </label>
      <NavLink
        to={{ pathname: `/cases/${encodeURIComponent(item.id)}`, search }}
        className={`row${selected ? ' selected' : ''}${fresh ? ' fresh' : ''}`}
        data-row={item.id}
        onFocus={() => onSelect(item.id)}
      >
        <span className="row-title">{text(item.title)}</span>
        <span className="row-side">{ended ? <Age at={item.closedAt} /> : <Deadline item={item} />}</span>
        <span className="row-sub">
          <SeverityMark severity={item.severity} word={false} />
          <span className="row-name">{item.aboutName || item.address || item.code}</span>
          {(item.count ?? 1) > 1 && <span className="num">×{item.count}</span>}
          {!!item.photos && <CameraOutlined title={t('photo.count', { n: item.photos })} />}
        </span>
        <span className="row-side">
          {item.supervised && <Pill tone="alarm">{t('seats.supervisedShort')}</Pill>}{' '}
          {item.state === 'closed' ? <OutcomePill outcome={item.outcome} /> : <CaseStatePill state={item.state} />}
        </span>
        <span className="row-sub">
          {item.department ? departmentOf(item.department) : t('case.unassigned')}
          {item.holder && <span className="row-name">· {actor(item.holder)}</span>}
        </span>
        <span className="row-side">
          <Age at={item.openedAt} />
        </span>
      </NavLink>
    </div>
  );
}

export const CaseRow = memo(CaseRowPlain);
