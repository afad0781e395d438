import { words } from '../language';

const zh = {
  title: '请您评一评',
  about: '关于您上报的 {{what}} {{code}}',
  until: '{{time}} 前可以填写和修改',
  closed: '这次调查已经结束。',
  send: '提交',
  change: '修改答案',
  thanks: '收到了，谢谢您！',
  thanksLead: '结果只按一组人一起统计，不会单独公开您的答案。',
  withdraw: '撤回我的答案',
  withdrawSure: '确定撤回吗？答案会被删除。',
  yes: '撤回',
  no: '不撤回',
  withdrawn: '您的答案已删除。',
  wrongLink: '这个链接不对，或者不完整。',
  scale: '{{n}}（1 到 5）',
  needed: '请回答这一题',
};

const en: Record<keyof typeof zh, string> & Record<string, string> = {
  title: 'How was it?',
  about: 'About your report: {{what}} {{code}}',
  until: 'Can be answered and changed until {{time}}',
  closed: 'This survey has closed.',
  send: 'Send',
  change: 'Change the answers',
  thanks: 'It has arrived. Thank you!',
  thanksLead: 'Results are counted for groups of people; your answers alone are shown to nobody else.',
  withdraw: 'Take my answers back',
  withdrawSure: 'Take them back? They are erased.',
  yes: 'Take back',
  no: 'Keep',
  withdrawn: 'Your answers are erased.',
  wrongLink: 'This link is wrong, or not whole.',
  scale: '{{n}} of 5',
  needed: 'Please answer this',
};

export const useSurveyWords = words('survey', { zh, en });
