// The way between pages, with the counts that call for a person.
import {
  ApiOutlined,
  BarChartOutlined,
  CommentOutlined,
  ControlOutlined,
  DashboardOutlined,
  EnvironmentOutlined,
  EyeOutlined,
  FunctionOutlined,
  FundOutlined,
  MobileOutlined,
  NodeIndexOutlined,
  SolutionOutlined,
  TeamOutlined,
} from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import {
  useActiveFindings,
  useFeeds,
  useMay,
  useOpenCases,
  usePendingCommands,
  useRules,
  useSession,
} from '../api/queries';
import { useText } from '../i18n';
import { LoopMark } from './LoopMark';
import { usePackages } from './packages';

function Item(props: { to: string; icon: React.ReactNode; name: string; count?: number; urgent?: boolean }) {
  const { to, icon, name, count = 0, urgent } = props;
  return (
    <NavLink to={to} className="rail-item">
      <span className="rail-icon" aria-hidden="true">
        {icon}
      </span>
      <span className="rail-name">{name}</span>
      {count > 0 && <span className={`rail-count${urgent ? ' urgent' : ''}`}>{count > 999 ? '999+' : count}</span>}
    </NavLink>
  );
}

// Nobody is led to what they would be refused.
export function Rail() {
  const { t } = useTranslation();
  const text = useText();
  const packages = usePackages();
  const user = useSession().data?.user;
  const sees = useMay('read_city');
  const supervises = useMay('read_cases');
  const handles = useMay('handle_case');
  const works = useMay('work_case') && !!user?.department;
  const commands = useMay('read_commands');
  const ruled = useMay('read_rules');
  const operations = useMay('read_operations');
  const cases = useOpenCases(supervises).data;
  const findings = useActiveFindings(sees).data?.findings.length;
  const pending = usePendingCommands(commands).data?.commands.length;
  const feeds = useFeeds(sees).data?.feeds;
  const troubled = feeds?.filter((feed) => feed.state === 'failed' || feed.state === 'disconnected').length;
  const errors = useRules(ruled).data?.errors.length;
  return (
    <nav className="rail" aria-label={t('app.navigation')}>
      <span className="rail-mark">
        <LoopMark size={30} />
      </span>
      {sees && <Item to="/live" icon={<EnvironmentOutlined />} name={t('app.live')} />}
      {supervises && (
        <Item
          to="/cases"
          icon={<SolutionOutlined />}
          name={t('app.cases')}
          count={cases?.total}
          urgent={cases?.cases.some((item) => item.overdue)}
        />
      )}
      {handles && <Item to="/dispatch" icon={<NodeIndexOutlined />} name={t('app.dispatch')} />}
      {supervises && <Item to="/duty" icon={<TeamOutlined />} name={t('app.duty')} />}
      {supervises && <Item to="/supervise" icon={<FundOutlined />} name={t('app.supervise')} />}
      {sees && <Item to="/evaluation" icon={<BarChartOutlined />} name={t('app.evaluation')} />}
      {supervises && <Item to="/citizens" icon={<CommentOutlined />} name={t('app.citizens')} />}
      {works && <Item to="/field" icon={<MobileOutlined />} name={t('app.field')} />}
      {packages.map(({ name, title, icon }) => (
        <Item key={name} to={`/${name}`} icon={icon} name={text(title)} />
      ))}
      {sees && <Item to="/findings" icon={<EyeOutlined />} name={t('app.findings')} count={findings} />}
      {commands && <Item to="/commands" icon={<ControlOutlined />} name={t('app.commands')} count={pending} urgent />}
      {sees && <Item to="/feeds" icon={<ApiOutlined />} name={t('app.feeds')} count={troubled} urgent />}
      {ruled && <Item to="/rules" icon={<FunctionOutlined />} name={t('app.rules')} count={errors} urgent />}
      {operations && <Item to="/operations" icon={<DashboardOutlined />} name={t('app.operations')} />}
    </nav>
  );
}
