import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { startI18n } from './i18n';
import './ui/base.css';
import './ui/parts.css';
import './app/shell.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html lacks #root');
await startI18n();
createRoot(root).render(<App />);
