// Language and theme, as small buttons.
import { DesktopOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { useStore } from '../api/store';
import { setLanguage, useLanguage } from '../i18n';
import { chooseTheme, type ThemeChoice, themeChoice } from '../ui/preferences';

export function LanguageSwitch() {
  const language = useLanguage();
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <Button
      type="text"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => setLanguage(other)}
      data-switch="language"
    >
      {other === 'zh' ? '中文' : 'English'}
    </Button>
  );
}

const icons = { light: <SunOutlined />, dark: <MoonOutlined />, system: <DesktopOutlined /> };

export function ThemeSwitch() {
  const { t } = useTranslation();
  const choice = useStore(themeChoice);
  const items = [
    { key: 'light', icon: icons.light, label: t('app.themeLight') },
    { key: 'dark', icon: icons.dark, label: t('app.themeDark') },
    { key: 'system', icon: icons.system, label: t('app.themeSystem') },
  ];
  return (
    <Dropdown
      trigger={['click']}
      menu={{ items, selectedKeys: [choice], onClick: ({ key }) => chooseTheme(key as ThemeChoice) }}
    >
      <Button type="text" icon={icons[choice]} aria-label={t('app.theme')} data-switch="theme" />
    </Dropdown>
  );
}
