// Designs that are being searched or came to nothing: how far each is, and a way to end or forget it.
import { call, part } from '@console/api/http';
import type { TrafficDesignJob } from '@console/api/schema';
import { Section } from '@console/ui/Page';
import { useProblemText } from '@console/ui/states';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Progress } from 'antd';
import { useWords } from '../words';

export const isOpen = ({ state }: TrafficDesignJob): boolean => state === 'waiting' || state === 'running';

// What waits or runs ends; what is done or came to nothing is removed.
export function useRemoveDesign() {
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (id: string) => call<void>('DELETE', `/api/v1/traffic/designs/${part(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['traffic', '/designs'] }),
    onError: (error) => void message.error(problemOf(error), 6),
  });
}

function Job({ job, mayEnd }: { job: TrafficDesignJob; mayEnd: boolean }) {
  const t = useWords();
  const remove = useRemoveDesign();
  const { state, progress } = job;
  const facts = [
    t(`design.state_${state}`),
    state === 'running' ? t(`design.stage_${progress.stage}`) : '',
    progress.minutes == null ? '' : t('design.bestSoFar', { n: progress.minutes.toFixed(2) }),
  ];
  return (
    <li data-job={state}>
      <span>
        <strong>{job.name}</strong> <span className="muted">{facts.filter(Boolean).join(' · ')}</span>
      </span>
      {isOpen(job) && (
        <Progress
          aria-label={job.name}
          percent={Math.round(progress.share * 100)}
          size="small"
          status={state === 'running' ? 'active' : 'normal'}
        />
      )}
      {mayEnd && (
        <Button size="small" loading={remove.isPending} onClick={() => remove.mutate(job.id)}>
          {t(isOpen(job) ? 'design.cancel' : 'design.forget')}
        </Button>
      )}
      {job.error && <p className="problem">{job.error}</p>}
    </li>
  );
}

export function DesignJobs({ jobs, mayEnd }: { jobs: TrafficDesignJob[]; mayEnd: boolean }) {
  const t = useWords();
  if (jobs.length === 0) return null;
  return (
    <Section title={t('design.jobs')}>
      <ul className="jobs" aria-live="polite">
        {jobs.map((job) => (
          <Job key={job.id} job={job} mayEnd={mayEnd} />
        ))}
      </ul>
    </Section>
  );
}
