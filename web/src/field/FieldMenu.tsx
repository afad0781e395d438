// Language, the way to the console, and signing out; which warns when something is not sent yet.
import { MenuOutlined } from '@ant-design/icons';
import { App, Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { signOutHere } from '../app/sign_out';
import { setLanguage, useLanguage, useText } from '../i18n';
import { unsentOf } from '../offline/outbox_watch';
import { chooseTheme, useMode } from '../ui/preferences';
import { useUser } from './use_work';

export function FieldMenu() {
  const { t } = useTranslation();
  const text = useText();
  const user = useUser();
  const language = useLanguage();
  const mode = useMode();
  const go = useNavigate();
  const { modal } = App.useApp();
  const leave = () => {
    const n = unsentOf(user.id);
    if (n === 0) return void signOutHere();
    modal.confirm({
      title: t('field.leaveTitle', { n }),
      content: t('field.leaveHint', { name: text(user.name) }),
      okText: t('app.signOut'),
      cancelText: t('app.cancel'),
      onOk: () => signOutHere(),
    });
  };
  const items = [
    { key: 'who', label: text(user.name) || user.id, disabled: true },
    {
      key: 'language',
      label: language === 'zh' ? 'English' : '中文',
      onClick: () => setLanguage(language === 'zh' ? 'en' : 'zh'),
    },
    {
      key: 'theme',
      label: t(mode === 'dark' ? 'app.themeLight' : 'app.themeDark'),
      onClick: () => chooseTheme(mode === 'dark' ? 'light' : 'dark'),
    },
    { key: 'console', label: t('field.console'), onClick: () => void go('/live') },
    { key: 'out', label: t('app.signOut'), danger: true, onClick: leave },
  ];
  return (
    <Dropdown trigger={['click']} menu={{ items }}>
      <Button type="text" size="large" icon={<MenuOutlined />} aria-label={t('field.menu')} />
    </Dropdown>
  );
}
