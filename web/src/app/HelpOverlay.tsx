// Every shortcut on one sheet.
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useMay } from '../api/queries';
import { caseHotkeys, suggestionKey } from '../cases/hotkey_names';
import { useWord } from '../i18n';
import { useShortcuts } from './shortcuts';

function Group({ title, rows }: { title: string; rows: [string, string][] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function HelpOverlay({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useTranslation();
  const word = useWord();
  const sees = useMay('read_city');
  const pages = useShortcuts().map(({ keys, name }): [string, string] => [keys, name]);
  return (
    <Modal open={open} onCancel={close} footer={null} title={t('help.title')} width={760} destroyOnHidden>
      <div className="help">
        <Group
          title={t('help.general')}
          rows={[
            ['?', t('help.thisHelp')],
            ['/', t('help.search')],
            ['Esc', t('help.close')],
            ['L', t('help.language')],
          ]}
        />
        <Group title={t('help.go')} rows={pages} />
        <Group
          title={t('help.list')}
          rows={[
            ['j', t('help.next')],
            ['k', t('help.previous')],
            ['Enter', t('help.open')],
            ['Home', t('help.first')],
            ['End', t('help.last')],
          ]}
        />
        {sees && (
          <>
            <Group
              title={t('keys.inbox')}
              rows={[
                ['/', t('keys.searchCases')],
                ['1–8', t('keys.view')],
                ['F', t('keys.filters')],
                ['o', t('help.open')],
                ['Space', t('keys.pick')],
                ['*', t('keys.all')],
                ['.', t('keys.bulk')],
                ['N', t('keys.new')],
                ['p', t('keys.print')],
                [suggestionKey, t('keys.suggestion')],
              ]}
            />
            <Group
              title={t('keys.plan')}
              rows={[
                ['j', t('help.next')],
                ['n', t('keys.newer')],
                ['R', t('keys.replan')],
                ['A', t('keys.acceptAll')],
                ['a', t('keys.acceptCrew')],
                ['p', t('keys.pin')],
                ['x', t('keys.leaveOut')],
                ['[ ]', t('keys.move')],
              ]}
            />
            <Group
              title={t('app.citizens')}
              rows={[
                ['y x', t('keys.decide')],
                ['v', t('keys.uncover')],
                ['z', t('keys.undo')],
                ['n e', t('keys.rounds')],
                ['[ ]', t('keys.weeks')],
              ]}
            />
            <Group
              title={t('help.case')}
              rows={Object.entries(caseHotkeys).map(([key, verbs]) => [
                key,
                verbs.map((verb) => word('verb', verb)).join(' / '),
              ])}
            />
          </>
        )}
      </div>
    </Modal>
  );
}
