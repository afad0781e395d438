// The city, its clock, whether this is live, and who one is.
import { LogoutOutlined, QuestionCircleOutlined, UserOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { clockStore } from '../api/city_clock';
import { liveState } from '../api/live';
import { useCityQuery, useMay, useSession } from '../api/queries';
import { useStore } from '../api/store';
import { useLanguage, useText, useWord } from '../i18n';
import { useCityNow } from '../ui/ticker';
import { dateTime } from '../ui/time';
import { signOutHere } from './sign_out';
import { LanguageSwitch, ThemeSwitch } from './switches';

function CityTime() {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useCityNow();
  const clock = useStore(clockStore);
  const speed = clock?.speed === 0 ? t('clock.fastest') : `×${clock?.speed ?? 1}`;
  const own = clock?.mode === 'feed' ? `${t('clock.feed')} ${speed}` : (clock?.speed ?? 1) === 1 ? null : speed;
  const running = clock?.paused ? t('clock.paused') : own;
  return (
    <span className="city-time" title={t('clock.label')}>
      <time className="num">{dateTime(now, language)}</time>
      {running && <span className="pill pill-plain">{running}</span>}
    </span>
  );
}

function LiveLamp() {
  const { t } = useTranslation();
  const { phase } = useStore(liveState);
  return (
    <span className={`lamp lamp-${phase}`} role="status">
      {t(`connection.${phase}`)}
    </span>
  );
}

function Account() {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const session = useSession().data;
  if (!session) return null;
  const roles = session.user.roles.map((role) => word('role', role)).join(' · ');
  const items = [
    { key: 'who', label: `${session.user.id.replace('user:', '')} — ${roles}`, disabled: true },
    { type: 'divider' as const },
    { key: 'out', icon: <LogoutOutlined />, label: t('app.signOut'), onClick: () => void signOutHere() },
  ];
  const name = text(session.user.name) || session.user.id;
  return (
    <Dropdown trigger={['click']} menu={{ items }}>
      <Button type="text" icon={<UserOutlined />} aria-label={t('app.account', { name })}>
        {name}
      </Button>
    </Dropdown>
  );
}

export function Header({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const city = useCityQuery().data;
  const sees = useMay('read_city');
  return (
    <header className="header">
      <strong className="city-name">{city ? text(city.name) : t('app.name')}</strong>
      {sees && <CityTime />}
      {sees && <LiveLamp />}
      <span className="header-space" />
      <Button
        type="text"
        className="header-help"
        icon={<QuestionCircleOutlined />}
        aria-label={t('app.help')}
        title={`${t('app.help')} (?)`}
        onClick={onHelp}
      />
      <LanguageSwitch />
      <ThemeSwitch />
      <Account />
    </header>
  );
}
