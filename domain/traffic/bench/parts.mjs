// The tables of ./city bench traffic, in the order of the page (tool/lib/package_bench.mjs).
export const parts = [
  { name: 'signals', target: 'traffic_bench_signals', needs: ['signals'], about: 'an hour', args: (shared) => ['--data', `${shared}/signals`] },
  { name: 'forecast', target: 'traffic_bench_forecast', needs: ['forecast', 'aarhus'], about: 'half an hour', args: (shared) => ['--data', shared] },
  { name: 'forecast_stream', target: 'traffic_bench_forecast_stream', needs: ['aarhus'], about: 'a minute', args: (shared) => ['--data', shared] },
  { name: 'guidance', target: 'traffic_bench_guidance', about: 'a minute' },
  { name: 'incidents', target: 'traffic_bench_incidents', about: 'half an hour' },
  { name: 'parking', target: 'traffic_bench_forecast', needs: ['aarhus'], about: 'half a minute', args: (shared) => ['--only', 'parking', '--data', shared] },
  { name: 'gtfs', target: 'traffic_bench_gtfs', about: 'a minute' },
  { name: 'routes', target: 'traffic_bench_routes', needs: ['transit'], about: 'ten minutes', args: (shared) => ['--data', `${shared}/transit`] },
  { name: 'routes_scale', target: 'traffic_bench_routes', about: 'two minutes', args: () => ['--made-up', '--seeds', '1', '--seconds', '20'] },
];
