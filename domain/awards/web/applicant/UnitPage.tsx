// Who applies, and how the secretariat reaches them: asked once, for all proposals of this account.

import { useSession } from '@console/api/queries';
import type { AwardProfile } from '@console/api/schema';
import { Page } from '@console/ui/Page';
import { Answer } from '@console/ui/states';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useWords } from '../words';
import './applicant.css';
import { awardKeys, profileApi, useProfile } from './api';
import { useEntryStep } from './Waiting';

const contact = ['unitCode', 'city', 'person', 'email', 'phone'] as const;
const kinds: Partial<Record<(typeof contact)[number], string>> = { email: 'email', phone: 'tel' };

function UnitForm({ before }: { before: AwardProfile }) {
  const t = useWords();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { busy, run } = useEntryStep();
  const [unit, setUnit] = useState(before);
  const named = unit.unit.zh.trim() !== '' || unit.unit.en.trim() !== '';
  const save = () =>
    run(async () => {
      client.setQueryData(awardKeys.profile, await profileApi.save(unit));
      void client.invalidateQueries({ queryKey: ['awards', 'entry'] });
      void message.success(t('applicant.unit.saved'));
    });
  return (
    <form
      className="unit-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <p className="muted">{t('applicant.unit.hint')}</p>
      {(['zh', 'en'] as const).map((language) => (
        <div key={language}>
          <label htmlFor={`unit-${language}`}>{t(`applicant.unit.name_${language}`)}</label>
          <Input
            id={`unit-${language}`}
            value={unit.unit[language]}
            maxLength={160}
            onChange={(event) => setUnit({ ...unit, unit: { ...unit.unit, [language]: event.target.value } })}
          />
        </div>
      ))}
      {contact.map((key) => (
        <div key={key}>
          <label htmlFor={`unit-${key}`}>{t(`applicant.unit.${key}`)}</label>
          <Input
            id={`unit-${key}`}
            type={kinds[key] ?? 'text'}
            value={unit[key] ?? ''}
            maxLength={key === 'email' ? 200 : key === 'unitCode' || key === 'phone' ? 40 : 80}
            onChange={(event) => setUnit({ ...unit, [key]: event.target.value })}
          />
          {key === 'unitCode' && <small className="muted">{t('applicant.unit.unitCodeHint')}</small>}
        </div>
      ))}
      <div>
        <label htmlFor="unit-language">{t('applicant.unit.language')}</label>
        <Select
          id="unit-language"
          value={unit.language ?? 'zh'}
          options={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
          onChange={(language) => setUnit({ ...unit, language })}
        />
      </div>
      <div>
        <Button type="primary" htmlType="submit" loading={busy} disabled={!named} data-act="save-unit">
          {t('applicant.unit.save')}
        </Button>
      </div>
    </form>
  );
}

// The account with all that tells who one is; what was received stays.
function Leave() {
  const t = useWords();
  const { modal } = App.useApp();
  const account = useSession().data?.user.id ?? '';
  const { busy, run } = useEntryStep();
  const leave = () =>
    run(async () => {
      await profileApi.leave(account);
      window.location.assign('/c/awards');
    });
  return (
    <div className="unit-leave">
      <p className="muted">{t('applicant.unit.leaveHint')}</p>
      <Button
        danger
        loading={busy}
        data-act="leave"
        onClick={() =>
          modal.confirm({
            title: t('applicant.unit.leaveTitle'),
            content: t('applicant.unit.leaveHint'),
            okText: t('applicant.unit.leave'),
            okButtonProps: { danger: true },
            cancelText: t('staff.cancel'),
            onOk: leave,
          })
        }
      >
        {t('applicant.unit.leave')}
      </Button>
    </div>
  );
}

export function UnitPage() {
  const t = useWords();
  const profile = useProfile();
  return (
    <Page title={t('applicant.tabs.unit')}>
      <Answer query={profile}>{(before) => <UnitForm before={before} />}</Answer>
      <Leave />
    </Page>
  );
}
