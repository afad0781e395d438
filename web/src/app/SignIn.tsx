// The way in. A demo shows its users as cards: one click signs in, nothing is typed.
import { LoginOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, Problem } from '../api/client';
import { get } from '../api/http';
import { keys } from '../api/keys';
import type { DemoUser } from '../api/schema';
import { publicPages } from '../citizen/packages';
import { useText, useWord } from '../i18n';
import { usePageTitle } from '../ui/Page';
import { useProblemText } from '../ui/states';
import { LoopMark } from './LoopMark';
import { LanguageSwitch, ThemeSwitch } from './switches';

interface Credentials {
  user: string;
  password: string;
}

function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ user, password }: Credentials) => api.signIn(user, password),
    onSuccess: (session) => {
      // What another person saw is forgotten; the session itself stays watched.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
      client.setQueryData(keys.session, session);
    },
  });
}

function DemoCards({ users, busy, choose }: { users: DemoUser[]; busy: boolean; choose: (user: DemoUser) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  return (
    <section aria-labelledby="demo-users">
      <h2 id="demo-users">{t('signIn.demo')}</h2>
      <p className="muted">{t('signIn.demoHint')}</p>
      <ul className="demo-users">
        {users.map((user) => (
          <li key={user.user}>
            <button type="button" disabled={busy} onClick={() => choose(user)} data-demo-user={user.user}>
              <span className="avatar" aria-hidden="true">
                {text(user.name).slice(0, 1)}
              </span>
              <span>
                <strong>{text(user.name)}</strong>
                <small>{user.roles.map((role) => word('role', role)).join(' · ')}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

// For people who came to their account by themselves, where the server runs a package by which one does.
const waysBack = publicPages.flatMap(({ asks, forgotten }) => (forgotten ? [{ asks, ...forgotten }] : []));

function Forgotten() {
  const text = useText();
  const there = useQuery({
    queryKey: ['ways back'],
    queryFn: () => Promise.all(waysBack.map(({ asks }) => get(asks).then(Boolean, () => false))),
    enabled: waysBack.length > 0,
    retry: false,
  });
  return waysBack
    .filter((_, i) => there.data?.[i])
    .map(({ path, title }) => (
      <a key={path} href={path}>
        {text(title)}
      </a>
    ));
}

export function SignIn() {
  const { t } = useTranslation();
  usePageTitle(t('signIn.title'));
  const textOf = useProblemText();
  const signIn = useSignIn();
  const demo = useQuery({ queryKey: keys.demoUsers, queryFn: api.demoUsers, retry: false });
  const users = demo.data ?? [];
  const status = signIn.error instanceof Problem ? signIn.error.status : 0;
  const problem = status === 401 ? t('signIn.wrong') : status === 429 ? t('signIn.slow') : textOf(signIn.error);
  return (
    <div className="sign-in">
      <div className="sign-in-switches">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <main className="sign-in-card">
        <header>
          <LoopMark size={46} />
          <div>
            <h1>Cityloop</h1>
            <p className="muted">{t('signIn.lead')}</p>
          </div>
        </header>
        {signIn.error && <Alert type="error" showIcon title={problem} />}
        {users.length > 0 && <DemoCards users={users} busy={signIn.isPending} choose={(user) => signIn.mutate(user)} />}
        <section aria-label={t('signIn.title')}>
          {users.length > 0 && <h2>{t('signIn.or')}</h2>}
          <Form<Credentials> layout="vertical" onFinish={(values) => signIn.mutate(values)} requiredMark={false}>
            <Form.Item label={t('signIn.user')} name="user" rules={[{ required: true, message: t('case.required') }]}>
              <Input autoComplete="username" autoFocus={users.length === 0} />
            </Form.Item>
            <Form.Item
              label={t('signIn.password')}
              name="password"
              rules={[{ required: true, message: t('case.required') }]}
            >
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            <Button type="primary" htmlType="submit" icon={<LoginOutlined />} loading={signIn.isPending} block>
              {t('signIn.submit')}
            </Button>
          </Form>
        </section>
        <Forgotten />
        <a href="/c">{t('signIn.citizen')}</a>
      </main>
    </div>
  );
}
