// The frame of a page about one thing of a cycle: itself and its cycle are fetched, and shown in the cycle's time.
import type { AwardCycle } from '@console/api/schema';
import { Answer } from '@console/ui/states';
import { Fragment } from 'react';
import { useWholeCycle } from './api';
import './staff.css';
import { useCycle } from './use_cycle';

interface One {
  id: string;
  cycle: string;
}

export function OpenedPage<T extends One>(props: {
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  children: (cycle: AwardCycle, one: T) => React.ReactNode;
}) {
  useCycle(); // its time zone
  const cycle = useWholeCycle(props.query.data?.cycle ?? '');
  return (
    <div className="page">
      <div className="page-body">
        <Answer query={props.query} rows={12}>
          {(one) => (
            <Answer query={cycle} rows={12}>
              {(whole) => <Fragment key={one.id}>{props.children(whole, one)}</Fragment>}
            </Answer>
          )}
        </Answer>
      </div>
    </div>
  );
}
