// The whole console: theme, language, cache, and the choice between sign-in and the frame.
import { QueryClientProvider } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { useEffect, useMemo } from 'react';
import { RouterProvider } from 'react-router';
import { Problem } from '../api/client';
import { useSession } from '../api/queries';
import { useLanguage } from '../i18n';
import { useMode } from '../ui/preferences';
import { Failed, Loading } from '../ui/states';
import { antdThemeOf, cssVariables, palettes } from '../ui/theme';
import { queryClient } from './query_client';
import { makeRouter } from './routes';
import { SignIn } from './SignIn';

function Themed({ children }: { children: React.ReactNode }) {
  const mode = useMode();
  const language = useLanguage();
  const theme = useMemo(() => antdThemeOf(mode), [mode]);
  useEffect(() => {
    const style = document.documentElement.style;
    for (const [name, value] of Object.entries(cssVariables(palettes[mode]))) style.setProperty(name, value);
    document.documentElement.dataset.mode = mode;
    style.colorScheme = mode;
  }, [mode]);
  useEffect(() => {
    dayjs.locale(language === 'zh' ? 'zh-cn' : 'en');
  }, [language]);
  return (
    <ConfigProvider
      theme={theme}
      locale={language === 'zh' ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
      wave={{ disabled: true }}
    >
      <AntApp>{children}</AntApp>
    </ConfigProvider>
  );
}

function SignedIn() {
  const router = useMemo(makeRouter, []);
  return <RouterProvider router={router} />;
}

function Gate() {
  const session = useSession();
  if (session.data) return <SignedIn />;
  if (session.error instanceof Problem && session.error.status === 401) return <SignIn />;
  if (session.error) return <Failed error={session.error} retry={() => void session.refetch()} />;
  return <Loading />;
}

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Themed>
        <Gate />
      </Themed>
    </QueryClientProvider>
  );
}
