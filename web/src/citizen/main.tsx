import { createRoot } from 'react-dom/client';
import { App } from './App';
import './ui/tokens.css';
import './ui/base.css';
import './ui/parts.css';

const root = document.getElementById('root');
if (!root) throw new Error('citizen.html lacks #root');
createRoot(root).render(<App />);
