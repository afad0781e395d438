// Files of a proposal: PDFs are opened beside the text, everything can be saved. Their checked type decides, never a name.

import { getFile } from '@console/api/http';
import type { AwardCycle, AwardFile } from '@console/api/schema';
import { useText } from '@console/i18n';
import { saveFile } from '@console/ui/files';
import { Blank, useProblemText } from '@console/ui/states';
import { bytesText } from '@console/ui/values';
import { App, Button } from 'antd';
import { useWords } from '../words';

export function FileList(props: {
  cycle: AwardCycle | undefined;
  files: readonly AwardFile[];
  at: (file: AwardFile) => string;
  opened?: string;
  open: (file: AwardFile) => void;
  mark?: (file: AwardFile) => React.ReactNode;
}) {
  const { cycle, files, at, opened, open, mark } = props;
  const t = useWords();
  const text = useText();
  const problem = useProblemText();
  const { message } = App.useApp();
  if (files.length === 0) return <Blank title={t('staff.noFiles')} />;
  const save = (file: AwardFile) =>
    void getFile(at(file)).then(
      (blob) => saveFile(blob, file.name),
      (error) => message.error(problem(error)),
    );
  return (
    <ul className="award-files">
      {files.map((file) => (
        <li key={file.id} data-file={file.id}>
          <span className="award-file-name">
            <strong>{text(cycle?.files?.find(({ id }) => id === file.slot)?.name) || file.slot}</strong>
            <span className="muted">{file.name}</span>
            <span className="muted num">
              {bytesText(file.bytes)}
              {file.pages ? ` · ${t('staff.pages', { n: file.pages })}` : ''}
              {file.seconds ? ` · ${t('staff.seconds', { n: Math.round(file.seconds) })}` : ''}
              {file.round === 'submission' ? '' : ` · ${t(`staff.round.${file.round}`)}`}
            </span>
            {mark?.(file)}
          </span>
          {file.mediaType === 'application/pdf' && (
            <Button size="small" aria-pressed={opened === file.id} onClick={() => open(file)}>
              {t('staff.open')}
            </Button>
          )}
          <Button size="small" onClick={() => save(file)}>
            {t('staff.save')}
          </Button>
        </li>
      ))}
    </ul>
  );
}
