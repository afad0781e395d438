// Names of shifts and skills as the rules of duty give them.
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { dutyApi } from '../api/duty_api';
import { keys } from '../api/keys';
import { useText } from '../i18n';

export const useDutyRules = () =>
  useQuery({ queryKey: keys.duty('rules'), queryFn: dutyApi.rules, staleTime: 300_000 }).data;

export function useSkillName(): (id: string) => string {
  const skills = useDutyRules()?.skills;
  const text = useText();
  return useCallback((id) => text(skills?.find((skill) => skill.id === id)?.name) || id, [skills, text]);
}

export function useShiftName(): (id: string) => string {
  const { t } = useTranslation();
  const shifts = useDutyRules()?.shifts;
  const text = useText();
  return useCallback(
    (id) => (id === 'overtime' ? t('changeKind.overtime') : text(shifts?.find((shift) => shift.id === id)?.name) || id),
    [shifts, text, t],
  );
}
