// What can be reported in the stand-in, and in which words it is told.
import { picture } from './seats.mjs';

const text = (zh, en) => ({ zh, en });
const hour = 3600_000;
export const photoBytes = Buffer.from(picture(3));

export const services = [
  {
    code: 'street-light',
    name: text('路灯不亮', 'Street light out'),
    description: text('路灯不亮、闪烁或灯杆损坏', 'A light that is out, flickers, or whose pole is damaged'),
    group: text('道路设施', 'Streets'),
    keywords: ['lamp', '灯杆'],
    photo: 'optional',
    private: false,
    attributes: [
      {
        code: 'what',
        name: text('怎么了', 'What is wrong'),
        datatype: 'singlevaluelist',
        required: true,
        values: [
          { key: 'out', name: text('不亮', 'Out') },
          { key: 'flickers', name: text('闪烁', 'Flickers') },
        ],
      },
      { code: 'pole', name: text('灯杆编号', 'Number on the pole'), datatype: 'string', required: false },
    ],
  },
  {
    code: 'flooding',
    name: text('道路积水', 'Flooded street'),
    description: text('道路或下穿通道积水', 'Water on a street or in an underpass'),
    group: text('道路设施', 'Streets'),
    keywords: ['water', '积水'],
    photo: 'required',
    private: false,
    attributes: [{ code: 'depth', name: text('深度（厘米）', 'How deep (cm)'), datatype: 'number', required: false }],
  },
  {
    code: 'noise',
    name: text('噪声扰民', 'Noise'),
    description: text('施工、商业或邻里噪声', 'From building, business or neighbours'),
    group: text('环境', 'Environment'),
    keywords: ['loud'],
    photo: 'none',
    private: true,
    attributes: [],
  },
  {
    code: 'other',
    name: text('其他问题', 'Something else'),
    description: text('以上都不是', 'None of the above'),
    group: text('其他', 'Other'),
    keywords: [],
    photo: 'optional',
    private: false,
    attributes: [],
  },
];

export const words = {
  received: text('已收到，等待受理', 'Received; waits to be looked at'),
  asked: text('等待上报人补充情况', 'Waits for more from whoever reported it'),
  taken_up: text('已受理', 'Taken up'),
  sent: text('已派出，等待处理', 'Sent to whoever is to do it'),
  in_work: text('正在处理', 'In work'),
  suspended: text('暂缓处理', 'Put off for now'),
  checking: text('已处理，正在核查', 'Done, and being checked'),
  fixed: text('已解决并核实', 'Fixed, and checked'),
  not_fixed: text('已结束，未作处理', 'Closed without being fixed'),
  not_taken_up: text('未予受理', 'Not taken up'),
  merged: text('与另一件相同，合并处理', 'The same as another report, and goes on with it'),
};

export const demoCity = ({ name, center, zoom, bounds }) => ({
  name,
  center,
  zoom,
  bounds,
  timeZone: 'Asia/Shanghai',
  photoMaxBytes: 15_728_640,
  photosMax: 5,
  contactKeptDays: 180,
  privacy: text(
    '联系方式仅用于告知处理进展，结案后自动删除，您也可以随时删除。',
    'How we reach you is used only to tell you how it goes. It is erased after the end, or whenever you say so.',
  ),
});

export const survey = (now) => ({
  survey: 'after-closing',
  name: text('办结后的满意度', 'After it was done'),
  intro: text('三个小问题，一分钟。', 'Three small questions, one minute.'),
  about: { code: '0000-4204', serviceName: text('路灯不亮', 'Street light out') },
  questions: [
    {
      id: 'satisfied',
      type: 'scale',
      name: text('总体上您满意吗？', 'How satisfied are you, all in all?'),
      required: true,
      low: text('不满意', 'Not at all'),
      high: text('很满意', 'Very'),
    },
    {
      id: 'good',
      type: 'choice',
      name: text('哪些做得好？', 'What was good?'),
      required: false,
      several: true,
      choices: [
        { key: 'fast', name: text('快', 'Fast') },
        { key: 'kind', name: text('态度好', 'Friendly') },
      ],
    },
    { id: 'words', type: 'text', name: text('还想说的话', 'Anything else'), required: false },
  ],
  answers: {},
  answered: false,
  open: true,
  closesAt: new Date(now + 14 * 24 * hour).toISOString(),
});
