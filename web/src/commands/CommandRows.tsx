// A few commands in little room, as a case shows them.
import type { Command } from '../api/schema';
import { Age } from '../ui/Age';
import { EntityLink } from '../ui/Attribute';
import { Approval } from './Approval';
import './commands.css';
import { CommandPill, CommandText } from './parts';

export function CommandRows({ commands }: { commands: Command[] }) {
  return (
    <ul className="command-rows">
      {commands.map((command) => (
        <li key={command.id}>
          <div>
            <strong>
              <CommandText command={command} />
            </strong>{' '}
            <EntityLink id={command.device} name={command.deviceName} />
            {command.reason && <p className="muted">{command.reason}</p>}
          </div>
          <CommandPill status={command.status} />
          <span className="muted">
            <Age at={command.answeredAt ?? command.sentAt ?? command.requestedAt} />
          </span>
          <Approval command={command} />
        </li>
      ))}
    </ul>
  );
}
