// The tables of ./city bench awards, in the order of the page (tool/lib/package_bench.mjs).
export const parts = [
  { name: 'assignment', target: 'awards_bench_panel_assignment', about: 'a minute' },
  { name: 'scores', target: 'awards_bench_panel_scores', about: 'half a minute' },
  { name: 'duplicates', target: 'awards_bench_panel_duplicates', about: 'half a minute' },
  { name: 'blind', target: 'awards_bench_blind', about: 'half a minute' },
  { name: 'pages', target: 'awards_bench_pages', about: 'two minutes' },
  { name: 'trust', target: 'awards_bench_trust', about: 'two minutes' },
];
