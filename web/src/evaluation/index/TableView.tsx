// What an index rests on: its method, what was wrong with its table, every stage as a file, who saved what, and a way to save
// another table.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Input } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type IndexQuery, indexApi } from '../../api/evaluation_api';
import { keys } from '../../api/keys';
import { useMay } from '../../api/queries';
import type { CompositeReport, IndexAnswer, IndexSaved } from '../../api/schema';
import { useText } from '../../i18n';
import { Moment } from '../../ui/Age';
import { useActor } from '../../ui/Attribute';
import { saveFile } from '../../ui/files';
import { Facts, Section } from '../../ui/Page';
import { Answer, Blank, useProblemText } from '../../ui/states';
import { useNames } from './names';

const stages = [
  'raw',
  'denominated',
  'imputed',
  'treated',
  'normalised',
  'scores',
  'ranks',
  'contributions',
  'problems',
];

export function Files({ id, files, query }: { id: string; files: readonly string[]; query?: IndexQuery }) {
  const { t } = useTranslation();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const fetching = useMutation({
    mutationFn: (file: string) => indexApi.file(id, file, query),
    onSuccess: (content, file) => saveFile(content, `${id}-${file}`),
    onError: (error) => void message.error(problemOf(error), 6),
  });
  return (
    <p className="section-tools">
      {files.map((file) => (
        <Button key={file} size="small" data-file={file} onClick={() => fetching.mutate(file)}>
          {t(`file.${file.replace('.', '_') as 'scores_csv'}`, { defaultValue: file })}
        </Button>
      ))}
    </p>
  );
}

export function Savings({ id }: { id: string }) {
  const { t } = useTranslation();
  const actor = useActor();
  const query = useQuery({ queryKey: keys.indices('savings', { id }), queryFn: () => indexApi.savings(id) });
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const fetching = useMutation({
    mutationFn: (number: number) => indexApi.saving(id, number),
    onSuccess: ({ data, number }) => saveFile(new Blob([data], { type: 'text/csv' }), `${id}-${number}.csv`),
    onError: (error) => void message.error(problemOf(error), 6),
  });
  return (
    <Section title={t('saving.all')}>
      <Answer query={query} rows={3}>
        {({ savings }) =>
          savings.length === 0 ? (
            <Blank title={t('saving.none')} />
          ) : (
            <table className="groups">
              <caption className="visually-hidden">{t('saving.all')}</caption>
              <thead>
                <tr>
                  <th scope="col" className="num">
                    {t('saving.number')}
                  </th>
                  <th scope="col">{t('saving.at')}</th>
                  <th scope="col">{t('saving.by')}</th>
                  <th scope="col">{t('saving.note')}</th>
                  <th scope="col">{t('saving.file')}</th>
                </tr>
              </thead>
              <tbody>
                {savings.map((saving) => (
                  <tr key={saving.number} data-saving={saving.number}>
                    <td className="num">{saving.number}</td>
                    <td>
                      <Moment at={saving.at} />
                    </td>
                    <td>{actor(saving.by)}</td>
                    <td>{saving.note}</td>
                    <td>
                      <button type="button" className="link" onClick={() => fetching.mutate(saving.number)}>
                        CSV
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Answer>
    </Section>
  );
}

// What was saved, and what of it does not count.
export function Told({ saved }: { saved: IndexSaved }) {
  const { t } = useTranslation();
  return (
    <Alert
      type={saved.flawed ? 'warning' : 'success'}
      showIcon
      data-saved={saved.number}
      title={t('saving.saved', { n: saved.number })}
      description={
        saved.flawed > 0 && (
          <>
            <p>{t('saving.flawed', { n: saved.flawed })}</p>
            <ul className="mistakes">
              {saved.problems.map((flaw) => (
                <li key={`${flaw.line} ${flaw.unit} ${flaw.column}`}>
                  <code>
                    {flaw.line}: {flaw.unit} {flaw.column}
                  </code>{' '}
                  {flaw.reason}
                </li>
              ))}
            </ul>
          </>
        )
      }
    />
  );
}

function Upload({ index }: { index: IndexAnswer }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const picker = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [note, setNote] = useState('');
  const saving = useMutation({
    mutationFn: async () => indexApi.save(index.id, { data: (await file?.text()) ?? '', note, after: index.saving }),
    onSuccess: () => {
      setFile(null);
      setNote('');
      if (picker.current) picker.current.value = '';
      void client.invalidateQueries({ queryKey: keys.indices() });
    },
  });
  return (
    <Section title={t('saving.upload')}>
      <form
        className="upload"
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <label>
          {t('saving.table')}
          <input
            ref={picker}
            type="file"
            accept=".csv,text/csv"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        </label>
        <Input
          aria-label={t('saving.note')}
          placeholder={t('saving.note')}
          maxLength={160}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <Button type="primary" htmlType="submit" disabled={!file} loading={saving.isPending} data-act="upload">
          {t('saving.save')}
        </Button>
      </form>
      <p className="muted">{t('saving.hint')}</p>
      <div aria-live="polite">
        {saving.error && <Alert type="error" showIcon title={problemOf(saving.error)} />}
        {saving.data && <Told saved={saving.data} />}
      </div>
    </Section>
  );
}

export function TableView({
  index,
  report,
  query,
}: {
  index: IndexAnswer;
  report: CompositeReport;
  query: IndexQuery;
}) {
  const { t } = useTranslation();
  const text = useText();
  const name = useNames(report);
  const fills = useMay('fill_indices');
  const { frame, data } = report;
  const method = (family: 'imputation' | 'treatment' | 'normalisation' | 'weights') =>
    t(`method.${frame[family] as 'none'}`, { defaultValue: frame[family] ?? '—' });
  return (
    <>
      <Section title={t('index.method')}>
        <Facts
          rows={[
            [t('factor.imputation'), method('imputation')],
            [t('factor.treatment'), method('treatment')],
            [t('factor.normalisation'), method('normalisation')],
            [t('factor.weights'), method('weights')],
            [
              t('factor.aggregation'),
              (frame.aggregation ?? []).map((each) => t(`method.${each as 'arithmetic'}`)).join(' · '),
            ],
            [
              t('index.imputed'),
              <span key="i" className="num">
                {data.imputed_cells}
              </span>,
            ],
            [
              t('index.stillMissing'),
              <span key="m" className="num">
                {data.missing_cells}
              </span>,
            ],
            [
              t('index.refused'),
              <span key="r" className="num">
                {data.rows_refused} / {data.cells_refused}
              </span>,
            ],
          ]}
        />
        {data.absent.length > 0 && <p>{t('index.absent', { columns: data.absent.join(', ') })}</p>}
        {report.left_out.length > 0 && (
          <ul className="pairs">
            {report.left_out.map((each) => (
              <li key={`${each.code} ${each.year}`}>
                {each.code} {each.year}: {text(each.why)}
              </li>
            ))}
          </ul>
        )}
        {report.notes.length > 0 && (
          <details>
            <summary>{t('index.notes', { n: report.notes.length })}</summary>
            <ul className="pairs">
              {report.notes.map((note, i) => (
                <li key={i}>
                  {[note.unit, note.node].map((at, k) =>
                    at === undefined ? '' : `${k === 0 ? name.unit(at) : name.node(at)} `,
                  )}
                  {text(note.text)}
                </li>
              ))}
            </ul>
          </details>
        )}
      </Section>
      <Section title={t('index.files')}>
        <Files
          id={index.id}
          query={query}
          files={[...stages.map((stage) => `${stage}.csv`), 'data.csv', 'template.csv', 'frame.toml']}
        />
      </Section>
      {fills && <Upload index={index} />}
      <Savings id={index.id} />
    </>
  );
}
