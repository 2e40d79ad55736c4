import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { again } from './api';
import { Layout } from './Layout';
import { AlertsPage } from './pages/Alerts';
import { AnomaliesPage } from './pages/Anomalies';
import { CostPage } from './pages/Cost';
import { ForecastPage } from './pages/Forecast';
import { Overview } from './pages/Overview';
import { Pipeline } from './pages/Pipeline';
import { QualityPage } from './pages/Quality';
import { Services } from './pages/Services';
import { Slos } from './pages/Slos';
import { validated } from './search';
import './style.css';

const Explore = lazyRouteComponent(() => import('./pages/Explore'), 'Explore');
const root = createRootRoute({ component: Layout, validateSearch: validated });
const routes = [
  createRoute({ getParentRoute: () => root, path: '/', component: Overview }),
  createRoute({ getParentRoute: () => root, path: '/services', component: Services }),
  createRoute({ getParentRoute: () => root, path: '/explore', component: Explore }),
  createRoute({ getParentRoute: () => root, path: '/alerts', component: AlertsPage }),
  createRoute({ getParentRoute: () => root, path: '/slos', component: Slos }),
  createRoute({ getParentRoute: () => root, path: '/anomalies', component: AnomaliesPage }),
  createRoute({ getParentRoute: () => root, path: '/forecast', component: ForecastPage }),
  createRoute({ getParentRoute: () => root, path: '/quality', component: QualityPage }),
  createRoute({ getParentRoute: () => root, path: '/cost', component: CostPage }),
  createRoute({ getParentRoute: () => root, path: '/pipeline', component: Pipeline }),
];
const router = createRouter({ routeTree: root.addChildren(routes) });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => again(failures, error) || failures < 1,
      retryDelay: 1_000,
      staleTime: 2_000,
      networkMode: 'always',
      refetchOnWindowFocus: true,
    },
  },
});

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
