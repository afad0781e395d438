// How far what is written is saved, always in words.
import type { AwardEntry } from '@console/api/schema';
import { useProblemText } from '@console/ui/states';
import { Alert, Button } from 'antd';
import { useWords } from '../words';
import type { SaveState } from './draft_saver';

export function SaveNote(props: {
  state: SaveState;
  takeTheirs: (theirs: AwardEntry) => void;
  keepMine: (theirs: AwardEntry) => void;
}) {
  const t = useWords();
  const textOf = useProblemText();
  const { state, takeTheirs, keepMine } = props;
  if (state.is === 'conflict')
    return (
      <Alert
        type="warning"
        showIcon
        title={t('applicant.save.conflict')}
        description={t('applicant.save.conflictHint')}
        action={
          <span className="stacked">
            <Button size="small" onClick={() => takeTheirs(state.theirs)}>
              {t('applicant.save.theirs')}
            </Button>
            <Button size="small" type="primary" onClick={() => keepMine(state.theirs)}>
              {t('applicant.save.mine')}
            </Button>
          </span>
        }
      />
    );
  if (state.is === 'refused')
    return <Alert type="error" showIcon title={t('applicant.save.refused')} description={textOf(state.why)} />;
  if (state.is === 'kept')
    return (
      <Alert type="warning" showIcon title={t('applicant.save.kept')} description={t('applicant.save.keptHint')} />
    );
  return (
    <p className="save-note muted" data-saved={state.is}>
      {t(`applicant.save.${state.is}`)}
    </p>
  );
}
