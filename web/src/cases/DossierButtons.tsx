// The case as a file: a paper to read and sign, or everything that proves it. What cannot be had is said, not downloaded.
import { FilePdfOutlined, FileZipOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import type { Case } from '../api/schema';
import { useLanguage } from '../i18n';
import { saveFile } from '../ui/files';
import { useProblemText } from '../ui/states';
import { shortId } from '../ui/values';

export function DossierButtons({ item }: { item: Case }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const fetching = useMutation({
    mutationFn: (kind: 'pdf' | 'zip') => api.dossier(item.id, kind, language),
    onSuccess: (file, kind) => saveFile(file, `case-${item.code || shortId(item.id)}.${kind}`),
    onError: (error) => void message.error(problemOf(error), 6),
  });
  const button = (kind: 'pdf' | 'zip', icon: React.ReactNode) => (
    <Button
      size="small"
      icon={icon}
      data-dossier={kind}
      title={t(`dossier.${kind}Hint`)}
      loading={fetching.isPending && fetching.variables === kind}
      onClick={() => fetching.mutate(kind)}
    >
      {t(`dossier.${kind}`)}
    </Button>
  );
  return (
    <span className="dossier">
      {button('pdf', <FilePdfOutlined />)}
      {button('zip', <FileZipOutlined />)}
    </span>
  );
}
