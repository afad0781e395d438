export function LoopMark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#14507f" />
      <path d="M23.2 11.4A8.6 8.6 0 1 0 24.6 17" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <circle cx="24.6" cy="16.6" r="3" fill="#ffb84d" />
    </svg>
  );
}
