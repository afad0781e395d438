import { tomlTokens } from './toml_tokens';

export function Toml({ source }: { source: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <pre className="toml" tabIndex={0}>
      {source.split('\n').map((line, i) => (
        <div key={i}>
          {tomlTokens(line).map((token, j) => (
            <span key={j} className={`toml-${token.kind}`}>
              {token.text}
            </span>
          ))}
          {'\n'}
        </div>
      ))}
    </pre>
  );
}
