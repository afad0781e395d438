// Whom the secretariat has invited: a list is pasted or uploaded, its good lines are kept; who came, began, submitted.
import type { AwardCycle, AwardInvitation, AwardInvited } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Age } from '@console/ui/Age';
import { useAddressByName } from '@console/ui/address';
import { useHotkeys } from '@console/ui/hotkeys';
import { useListKeys } from '@console/ui/list_keys';
import { Pill } from '@console/ui/marks';
import { Answer, Blank, useProblemText } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { Alert, App, Button, Drawer, Input, Select, Upload } from 'antd';
import { useState } from 'react';
import { awardsApi, useChange, useInvitations } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { MoreRows } from '../staff/MoreRows';
import { useWords } from '../words';
import { toMend } from './guests';
import './invitations.css';

type Standing = AwardInvitation['standing'];
const standings: readonly Standing[] = ['invited', 'came', 'began', 'submitted', 'withdrawn'];
const tones = { invited: 'plain', came: 'plain', began: 'plain', submitted: 'ok', withdrawn: 'stale' } as const;
const listBytesMax = 512 * 1024;

function Outcome({ done }: { done: AwardInvited }) {
  const t = useWords();
  const text = useText();
  return (
    <div role="status" data-taken={done.taken}>
      <Alert
        type={done.refused.some(({ known }) => !known) ? 'warning' : 'success'}
        showIcon
        title={t('secretariat.invitations.taken', { n: done.taken })}
        description={
          done.refused.length > 0 && (
            <ul className="refused-lines">
              {done.refused.map((one) => (
                <li key={one.line} data-line={one.line}>
                  {t('secretariat.invitations.line', { n: one.line, why: text(one.why) })} <code>{one.text}</code>
                </li>
              ))}
            </ul>
          )
        }
      />
    </div>
  );
}

function InviteForm({ cycle, close }: { cycle: AwardCycle; close: () => void }) {
  const t = useWords();
  const problem = useProblemText();
  const { message } = App.useApp();
  const [list, setList] = useState('');
  const [language, setLanguage] = useState<'zh' | 'en'>(cycle.languages?.[0] === 'en' ? 'en' : 'zh');
  const [done, setDone] = useState<AwardInvited | null>(null);
  const invite = useChange((text: string) => awardsApi.invite(cycle.id, { list: text, language }));
  const send = () =>
    invite.mutate(list, {
      onSuccess: (told) => {
        setDone(told);
        setList(toMend(told.refused));
      },
      onError: (error) => void message.error(problem(error)),
    });
  const read = async (file: File) => {
    if (file.size > listBytesMax) void message.error(t('secretariat.invitations.tooLarge'));
    else setList(await file.text());
  };
  return (
    <Drawer
      open
      onClose={close}
      size={560}
      title={t('secretariat.invitations.invite')}
      footer={
        <Button
          type="primary"
          loading={invite.isPending}
          disabled={list.trim() === ''}
          onClick={send}
          data-act="send-invitations"
        >
          {t('secretariat.invitations.send')}
        </Button>
      }
    >
      <div className="invite-form">
        {done && <Outcome done={done} />}
        <label htmlFor="invite-list">{t('secretariat.invitations.list')}</label>
        <p className="muted" id="invite-list-hint">
          {t('secretariat.invitations.listHint')}
        </p>
        <Input.TextArea
          id="invite-list"
          aria-describedby="invite-list-hint"
          rows={12}
          value={list}
          placeholder={t('secretariat.invitations.example')}
          onChange={(event) => setList(event.target.value)}
        />
        <Upload
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          showUploadList={false}
          beforeUpload={(file) => {
            void read(file);
            return false;
          }}
        >
          <Button data-act="invite-file">{t('secretariat.invitations.file')}</Button>
        </Upload>
        <label htmlFor="invite-language">{t('secretariat.invitations.language')}</label>
        <Select
          id="invite-language"
          value={language}
          onChange={setLanguage}
          options={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
      </div>
    </Drawer>
  );
}

function LetterState({ of }: { of: AwardInvitation }) {
  const t = useWords();
  const { stage, trouble, why, since } = of.letter;
  return (
    <span title={why || undefined}>
      {t(`secretariat.invitations.letter.${stage}`)} {stage !== 'none' && <Age at={since} />}
      {trouble !== 'none' && (
        <small className="muted"> {t(`secretariat.invitations.trouble.${trouble as 'no_server'}`)}</small>
      )}
    </span>
  );
}

function Acts({ cycle, one }: { cycle: string; one: AwardInvitation }) {
  const t = useWords();
  const problem = useProblemText();
  const { message, modal } = App.useApp();
  const again = useChange(() => awardsApi.inviteAgain(cycle, one.id));
  const withdraw = useChange(() => awardsApi.withdrawInvitation(cycle, one.id));
  const erase = useChange(() => awardsApi.eraseInvitation(cycle, one.id));
  const fail = (error: unknown) => void message.error(problem(error));
  const idle = one.standing === 'invited' || one.standing === 'withdrawn';
  const sure = (what: 'withdraw' | 'erase', act: () => Promise<unknown>) =>
    modal.confirm({
      title: t(`secretariat.invitations.${what}Title`, { email: one.email }),
      content: t(`secretariat.invitations.${what}Hint`),
      okText: t(`secretariat.invitations.${what}`),
      okButtonProps: { danger: true },
      cancelText: t('staff.cancel'),
      onOk: () => act().then(undefined, fail),
    });
  return (
    <span className="found-acts">
      {idle && (
        <Button
          size="small"
          loading={again.isPending}
          onClick={() =>
            again.mutate(undefined, {
              onSuccess: () => void message.success(t('secretariat.invitations.sentAgain', { email: one.email })),
              onError: fail,
            })
          }
          data-act="again"
        >
          {t('secretariat.invitations.again')}
        </Button>
      )}
      {one.standing === 'invited' && (
        <Button
          size="small"
          onClick={() => sure('withdraw', () => withdraw.mutateAsync(undefined))}
          data-act="withdraw"
        >
          {t('secretariat.invitations.withdraw')}
        </Button>
      )}
      <Button
        size="small"
        danger
        type="text"
        onClick={() => sure('erase', () => erase.mutateAsync(undefined))}
        data-act="erase"
      >
        {t('secretariat.invitations.erase')}
      </Button>
    </span>
  );
}

function Rows({ cycle, rows }: { cycle: string; rows: readonly AwardInvitation[] }) {
  const t = useWords();
  return (
    <TableScroll label={t('secretariat.tabs.invitations')}>
      <table className="groups">
        <thead>
          <tr>
            <th>{t('secretariat.invitations.unit')}</th>
            <th>{t('secretariat.invitations.email')}</th>
            <th>{t('secretariat.invitations.standing')}</th>
            <th className="num">{t('secretariat.invitations.proposals')}</th>
            <th>{t('secretariat.invitations.lastLetter')}</th>
            <th>{t('secretariat.invitations.acts')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id} data-invitation={one.email}>
              <th className="wide">{one.unit}</th>
              <td>{one.email}</td>
              <td>
                <Pill tone={tones[one.standing]}>{t(`secretariat.invitations.stands.${one.standing}`)}</Pill>
              </td>
              <td className="num">
                {one.submitted}/{one.drafts + one.submitted}
              </td>
              <td>
                <LetterState of={one} />
              </td>
              <td>
                <Acts cycle={cycle} one={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Invitations({ cycle }: { cycle: AwardCycle }) {
  const t = useWords();
  const [params, put] = useAddressByName();
  const standing = params.get('standing') ?? '';
  const q = params.get('q') ?? '';
  const query = useInvitations(cycle.id, { standing, q });
  const [open, setOpen] = useState(false);
  const list = useListKeys(undefined);
  useHotkeys({ c: () => setOpen(true) });
  const first = query.data?.pages[0];
  const rows = query.data?.pages.flatMap(({ invitations }) => invitations);
  const count = (of: Standing) => first?.counts[of] ?? 0;
  return (
    <>
      <div className="award-filters">
        <Button type="primary" onClick={() => setOpen(true)} data-act="invite">
          {t('secretariat.invitations.invite')} <kbd>c</kbd>
        </Button>
        <Input.Search
          aria-label={t('secretariat.invitations.search')}
          placeholder={t('secretariat.invitations.search')}
          allowClear
          defaultValue={q}
          onSearch={(value) => put('q', value.trim())}
        />
        <Select
          aria-label={t('secretariat.invitations.standing')}
          value={standing}
          onChange={(value) => put('standing', value)}
          options={[
            { value: '', label: t('secretariat.invitations.any') },
            ...standings.map((value) => ({
              value,
              label: `${t(`secretariat.invitations.stands.${value}`)} (${count(value)})`,
            })),
          ]}
        />
        <span className="muted num" role="status">
          {first && t('secretariat.invitations.total', { n: first.total })}
        </span>
      </div>
      <Answer query={{ ...query, data: rows, refetch: query.refetch }} rows={8}>
        {(all) =>
          all.length === 0 ? (
            <Blank title={t('secretariat.invitations.none')} hint={t('secretariat.invitations.noneHint')} />
          ) : (
            <div className="section section-flush" ref={list}>
              <Rows cycle={cycle.id} rows={all} />
              <MoreRows of={query} />
            </div>
          )
        }
      </Answer>
      {open && <InviteForm cycle={cycle} close={() => setOpen(false)} />}
    </>
  );
}

export function InvitationsPage() {
  const t = useWords();
  return (
    <CyclePage title={t('secretariat.tabs.invitations')}>
      {(cycle) =>
        cycle.registration.how === 'closed' ? (
          <Blank title={t('secretariat.invitations.closed')} hint={t('secretariat.invitations.closedHint')} />
        ) : (
          <Invitations key={cycle.id} cycle={cycle} />
        )
      }
    </CyclePage>
  );
}
