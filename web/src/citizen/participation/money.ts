import { useLanguage } from '../language';

export function useMoney(currency: string | undefined): (amount: number) => string {
  const language = useLanguage();
  return (amount) => {
    try {
      return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
        style: 'currency',
        currency: currency || 'CNY',
        maximumFractionDigits: amount % 1 ? 2 : 0,
      }).format(amount);
    } catch {
      return `${amount} ${currency ?? ''}`; // a currency that the browser does not know
    }
  };
}
