// The building blocks of the citizens' pages: native controls, large enough for a thumb, plain to a screen reader.
import { type ButtonHTMLAttributes, type ReactNode, useEffect, useId, useRef } from 'react';
import { Link } from 'react-router';
import type { Problem } from '../../api/http';
import { usePageTitle } from '../language';
import { Icon, type IconName } from './icons';
import { useCommon } from './words';

export type Tone = 'info' | 'ok' | 'warn' | 'bad' | 'rest';
type Kind = 'call' | 'solid' | 'soft' | 'plain' | 'danger';

interface Look {
  kind?: Kind;
  icon?: IconName;
  wide?: boolean;
  children: ReactNode;
}

const classOf = (kind: Kind = 'soft', wide = false) => `button button-${kind}${wide ? ' button-wide' : ''}`;

export function Button({
  kind,
  icon,
  wide,
  busy = false,
  children,
  ...rest
}: Look & { busy?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...rest}
      className={`${classOf(kind, wide)} ${rest.className ?? ''}`}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon && <Icon name={icon} size={22} />}
      <span>{children}</span>
    </button>
  );
}

export function LinkButton({ kind, icon, wide, to, children, ...rest }: Look & { to: string; 'data-act'?: string }) {
  return (
    <Link className={classOf(kind, wide)} to={to} {...rest}>
      {icon && <Icon name={icon} size={22} />}
      <span>{children}</span>
    </Link>
  );
}

export function Card({ children, className = '', label }: { children: ReactNode; className?: string; label?: string }) {
  return (
    <section className={`card ${className}`} aria-label={label}>
      {children}
    </section>
  );
}

// A page's head. The heading takes the reader's place when one comes here from another page.
export function Page(props: {
  title: string;
  lead?: ReactNode;
  back?: string | (() => void);
  children: ReactNode;
  className?: string;
  aside?: ReactNode; // beside the heading
}) {
  const say = useCommon();
  const heading = useRef<HTMLHeadingElement>(null);
  usePageTitle(props.title);
  useEffect(() => {
    // On the first page that is opened, the browser has placed the reader well already.
    if (window.history.state?.idx > 0) heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);
  const { back } = props;
  return (
    <div className={`page ${props.className ?? ''}`}>
      {typeof back === 'string' && (
        <Link className="back" to={back}>
          <Icon name="back" size={20} /> {say('back')}
        </Link>
      )}
      {typeof back === 'function' && (
        <button type="button" className="back" onClick={back}>
          <Icon name="back" size={20} /> {say('back')}
        </button>
      )}
      <header className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {props.title}
          </h1>
          {props.lead && <p className="muted">{props.lead}</p>}
        </div>
        {props.aside}
      </header>
      {props.children}
    </div>
  );
}

const noticeIcons: Record<Tone, IconName> = {
  info: 'info',
  ok: 'check',
  warn: 'warning',
  bad: 'warning',
  rest: 'info',
};

export function Notice(props: {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  icon?: IconName;
  urgent?: boolean; // is read out at once
}) {
  const { tone = 'info' } = props;
  return (
    <div className={`notice tone-${tone}`} role={props.urgent ? 'alert' : undefined}>
      <Icon name={props.icon ?? noticeIcons[tone]} size={22} />
      <div className="stack-small">
        {props.title && <strong>{props.title}</strong>}
        {props.children && <div>{props.children}</div>}
      </div>
    </div>
  );
}

export function useProblemText(): (problem: Problem) => string {
  const say = useCommon();
  return ({ status, title, detail }) => {
    if (status === 0) return say('offline');
    if (status === 404) return say('gone');
    if (status === 429) return say('slow');
    if (status >= 500) return say('trouble');
    return say('refused', { why: detail || title });
  };
}

export function ProblemNotice({ problem, again }: { problem: Problem; again?: () => void }) {
  const say = useCommon();
  const text = useProblemText();
  return (
    <Notice tone="warn" icon={problem.status === 0 ? 'offline' : undefined} urgent>
      <p>{text(problem)}</p>
      {again && problem.status !== 404 && (
        <Button kind="plain" icon="again" onClick={again}>
          {say('again')}
        </Button>
      )}
    </Notice>
  );
}

export function Loading() {
  const say = useCommon();
  return (
    <p className="loading muted" role="status">
      <span className="spinner" aria-hidden="true" /> {say('loading')}
    </p>
  );
}

// Shows what was asked for, or why it is not there. What is there stays while it is asked for again.
export function Answer<T>(props: {
  of: { data: T | undefined; problem: Problem | null; again: () => void };
  children: (data: T) => ReactNode;
}) {
  const { data, problem, again } = props.of;
  if (data !== undefined && !(problem && problem.status === 404)) return props.children(data);
  if (problem) return <ProblemNotice problem={problem} again={again} />;
  return <Loading />;
}

export function Empty({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <div className="empty muted">
      <Icon name={icon} size={36} />
      <div>{children}</div>
    </div>
  );
}

export function Pill({ tone = 'rest', children, icon }: { tone?: Tone; children: ReactNode; icon?: IconName }) {
  return (
    <span className={`pill tone-${tone}`}>
      {icon && <Icon name={icon} size={15} />}
      {children}
    </span>
  );
}

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string | null;
  required?: boolean;
}

// A labelled control; `children` is given what ties it to its label, hint and problem.
export function Field(
  props: FieldProps & {
    children: (ties: {
      id: string;
      'aria-describedby'?: string;
      'aria-invalid'?: boolean;
      required?: boolean;
    }) => ReactNode;
  },
) {
  const id = useId();
  const say = useCommon();
  const { label, hint, problem, required } = props;
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return (
    <div className={`field${problem ? ' has-problem' : ''}`}>
      <label htmlFor={id}>
        {label} <span className="field-must">{required ? '' : say('optional')}</span>
      </label>
      {hint && (
        <p className="muted small" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {props.children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': problem ? true : undefined,
        required,
      })}
      {problem && (
        <p className="field-problem" id={`${id}-problem`}>
          <Icon name="warning" size={18} /> {problem}
        </p>
      )}
    </div>
  );
}

export interface Option {
  value: string;
  label: ReactNode;
  hint?: ReactNode;
}

// One of several, or several of many, as large rows.
export function Choices(
  props: FieldProps & {
    name: string;
    options: readonly Option[];
    value: string | readonly string[];
    onChange: (value: string[]) => void;
    many?: boolean;
  },
) {
  const say = useCommon();
  const { name, options, many = false, label, hint, problem, required } = props;
  const chosen = typeof props.value === 'string' ? [props.value].filter(Boolean) : props.value;
  const put = (value: string, on: boolean) =>
    props.onChange(many ? (on ? [...chosen, value] : chosen.filter((each) => each !== value)) : [value]);
  return (
    <fieldset className={`field choices${problem ? ' has-problem' : ''}`}>
      <legend>
        {label} <span className="field-must">{required ? '' : say('optional')}</span>
      </legend>
      {hint && <p className="muted small">{hint}</p>}
      <div className="choice-rows">
        {options.map((option) => (
          <label key={option.value} className="choice">
            <input
              type={many ? 'checkbox' : 'radio'}
              name={name}
              value={option.value}
              checked={chosen.includes(option.value)}
              onChange={(event) => put(option.value, event.target.checked)}
            />
            <span>
              <span className="choice-label">{option.label}</span>
              {option.hint && <span className="muted small">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
      {problem && (
        <p className="field-problem">
          <Icon name="warning" size={18} /> {problem}
        </p>
      )}
    </fieldset>
  );
}

const five = [1, 2, 3, 4, 5];

// One to five, by radio buttons that look like stars.
export function Stars(props: { label: string; name: string; value: number; onChange: (value: number) => void }) {
  const say = useCommon();
  return (
    <fieldset className="stars">
      <legend>{props.label}</legend>
      <div>
        {five.map((n) => (
          <label key={n} className={n <= props.value ? 'is-on' : ''}>
            <input
              type="radio"
              className="visually-hidden"
              name={props.name}
              value={n}
              checked={props.value === n}
              onChange={() => props.onChange(n)}
            />
            <Icon name="star" size={34} filled={n <= props.value} />
            <span className="visually-hidden">{say('star', { count: n })}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
