// Every shortcut on one sheet.
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { caseHotkeys } from '../cases/hotkey_names';
import { useWord } from '../i18n';

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
  const pages: [string, string][] = [
    ['g m', t('app.live')],
    ['g c', t('app.cases')],
    ['g f', t('app.findings')],
    ['g a', t('app.commands')],
    ['g s', t('app.feeds')],
    ['g r', t('app.rules')],
    ['g o', t('app.operations')],
  ];
  return (
    <Modal open={open} onCancel={close} footer={null} title={t('help.title')} width={640} destroyOnHidden>
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
        <Group
          title={t('help.case')}
          rows={Object.entries(caseHotkeys).map(([key, verb]) => [key, word('verb', verb)])}
        />
      </div>
    </Modal>
  );
}
