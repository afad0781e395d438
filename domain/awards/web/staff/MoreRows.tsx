// Below a list that is read page by page: the next page, where there is one.
import { Button } from 'antd';
import { useWords } from '../words';

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

export function MoreRows({ of }: { of: Paged }) {
  const t = useWords();
  if (!of.hasNextPage) return null;
  return (
    <Button block type="text" loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
      {t('secretariat.list.more')}
    </Button>
  );
}
